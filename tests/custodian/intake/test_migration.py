"""Google Authenticator's export: eleven entries in two pictures, several batches, what is missing, what is left out."""

from __future__ import annotations

import os

import pytest

from custodian.intake import migration, qr
from custodian.intake.reading import read
from tests.custodian.intake.google import Device, jpeg, link, number, payload, png, text
from tests.custodian.intake.programs import need, oathtool
from vault.errors import WrongUsage
from vault.totp import codes

ROOT = "root-account-mfa-device@{}"


def eleven() -> list[Device]:
    """Eleven root devices with seeds as long as AWS's, of every algorithm and number of digits that there is."""
    kinds = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]
    return [
        Device(
            os.urandom(40), ROOT.format(111122223300 + n), algorithm=kinds[n % 6][0], digits=kinds[n % 6][1]
        )
        for n in range(11)
    ]


@pytest.mark.parametrize("picture", [png, jpeg])
@pytest.mark.parametrize("backwards", [False, True])
def test_eleven_entries_in_two_pictures_import_with_codes_equal_to_oathtools(tmp_path, picture, backwards):
    need("oathtool")
    devices = eleven()
    suffix = "png" if picture is png else "jpg"
    paths = [
        picture(tmp_path / f"1.{suffix}", link(devices[:6], of=2, place=0)),
        picture(tmp_path / f"2.{suffix}", link(devices[6:], of=2, place=1)),
    ]
    found = read(paths[::-1] if backwards else paths)
    assert [c.account_id for c in found.candidates] == [str(111122223300 + n) for n in range(11)]
    assert all(c.certain for c in found.candidates)
    assert [c.mfa[0].seed for c in found.candidates] == [d.seed for d in devices]
    for candidate in found.candidates:
        (mfa,) = candidate.mfa
        for seconds in (59, 1_111_111_109, 1_764_000_000):
            assert codes(mfa, seconds * 1000).code == oathtool(mfa, seconds)


def test_a_missing_picture_is_named(tmp_path):
    devices = eleven()
    links = [link(devices[n * 4 : n * 4 + 4], of=3, place=n) for n in range(3)]
    with pytest.raises(WrongUsage) as caught:
        migration.parse([links[2], links[0]])
    assert caught.value.why == "picture 2 of 3 is missing"
    with pytest.raises(WrongUsage, match="pictures 2 and 3 of 3 are missing"):
        migration.parse(links[:1])
    assert len(migration.parse(links)) == 11


def test_a_picture_taken_twice_counts_once():
    devices = eleven()
    links = [link(devices[:6], of=2, place=0), link(devices[6:], of=2, place=1)]
    assert len(migration.parse([links[1], links[0], links[1], links[0]])) == 11


def test_two_exports_at_once_are_both_read_and_a_device_in_both_counts_once():
    devices = eleven()
    one = [link(devices[:6], of=2, place=0, batch=-5), link(devices[6:], of=2, place=1, batch=-5)]
    other = [link(devices[3:5], batch=8)]
    assert len(migration.parse([one[0], other[0], one[1]])) == 11


def test_pictures_of_different_exports_under_one_number_are_refused():
    devices = eleven()
    with pytest.raises(WrongUsage, match="two different pictures"):
        migration.parse([link(devices[:2], of=2, place=0), link(devices[2:4], of=2, place=0)])


def test_devices_that_aws_cannot_use_are_named_and_left_out():
    seed = os.urandom(20)
    export = migration.read(
        [
            link(
                [
                    Device(seed, "counter", type=1),
                    Device(seed, "broken", algorithm=4),
                    Device(seed, "future", algorithm=9),
                    Device(seed, "seven", digits=3),
                    Device(seed, "no type", type=0),
                    Device(b"short", "tiny"),
                    Device(seed, "evil\x1b[2J\nline", type=1),
                    Device(seed, "good"),
                ]
            )
        ]
    )
    assert [d.label for d in export.devices] == ["good"]
    named = "\n".join(export.left_out)
    assert len(export.left_out) == 7
    for words in (
        "counter: it is counter-based",
        "broken: its algorithm is MD5",
        "future",
        "seven",
        "no type",
        "tiny",
    ):
        assert words in named
    assert "\x1b" not in named
    assert named.count("\n") == 6


def test_unspecified_algorithm_and_digits_are_those_that_google_means():
    (mfa,) = migration.parse([link([Device(os.urandom(20), "x", algorithm=0, digits=0)])])
    assert (mfa.algorithm, mfa.digits, mfa.period) == ("SHA1", 6, 30)


def test_an_issuer_that_stands_in_the_name_as_well_is_taken_out_of_it():
    (mfa,) = migration.parse(
        [link([Device(os.urandom(20), "Amazon Web Services:" + ROOT.format(123456789012))])]
    )
    assert (mfa.issuer, mfa.label) == ("Amazon Web Services", ROOT.format(123456789012))


def test_a_link_whose_plus_signs_were_not_encoded_is_read():
    seed = next(
        seed for n in range(99) if "%2B" in link([Device(seed := bytes([n, 251, 239, 190] * 5), "x")])
    )
    broken = link([Device(seed, "x")]).replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
    assert "+" in broken
    assert migration.parse([broken])[0].seed == seed


def test_fields_that_a_later_version_adds_are_passed_over():
    import base64
    from urllib.parse import quote

    data = payload([Device(b"x" * 20, "x")]) + text(99, b"new") + number(98, 5)
    assert (
        migration.parse([f"otpauth-migration://offline?data={quote(base64.b64encode(data))}"])[0].seed
        == b"x" * 20
    )


@pytest.mark.parametrize(
    "bad",
    [
        "otpauth-migration://offline",
        "otpauth-migration://offline?data=",
        "otpauth-migration://offline?data=!!!!",
        "otpauth-migration://offline?data=AAAA",
        "otpauth-migration://offline?data=" + "A" * 9000,
        "otpauth-migration://offline?data=QQ&data=QQ",
        "otpauth-migration://[offline?data=QQ",
        "https://example.com/?data=QQ",
        link([]),
        link([Device(b"x" * 20, "x")], of=2, place=2),
        link([Device(b"x" * 20, "x")], of=1000, place=1),
        link([Device(b"x" * 20, "x")])[:-12],
    ],
)
def test_a_damaged_link_is_refused_in_words(bad):
    with pytest.raises(WrongUsage) as caught:
        migration.parse([bad])
    assert caught.value.why
    assert caught.value.__context__ is None


def test_nothing_and_too_much_are_refused():
    with pytest.raises(WrongUsage):
        migration.parse([])
    with pytest.raises(WrongUsage):
        migration.parse([link([Device(b"x" * 20, "x")])] * 101)


def test_no_repr_shows_a_seed(tmp_path):
    seed = b"canary-seed-canary-seed"
    export = migration.read([link([Device(seed, "x")])])
    found = read([png(tmp_path / "1.png", link([Device(seed, ROOT.format(123456789012))]))])
    for thing in (export, export.devices, found, found.candidates, found.candidates[0]):
        assert "canary" not in repr(thing)


def test_both_codes_of_an_export_in_one_picture_are_found(tmp_path):
    from PIL import Image

    devices = eleven()
    parts = [
        Image.open(png(tmp_path / f"{n}.png", link(part, of=2, place=n))).convert("L")
        for n, part in enumerate((devices[:3], devices[3:6]))
    ]
    both = Image.new("L", (sum(p.width for p in parts) + 60, max(p.height for p in parts)), 255)
    both.paste(parts[0], (0, 0))
    both.paste(parts[1], (parts[0].width + 60, 0))
    both.save(tmp_path / "both.png")
    assert len(qr.read(tmp_path / "both.png")) == 2
    assert len(read([tmp_path / "both.png"]).candidates) == 6
