"""The pieces that screens are made of, one a file. They show what they are given and decide nothing."""
