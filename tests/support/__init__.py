"""What tests of more than one package share: one file for each thing that is stood in for."""
