"""The clipboard, with tools that behave as the real ones do and write down how they were called."""

from __future__ import annotations

import os
import shutil
import stat

import pytest

from custodian import clipboard
from custodian.clipboard import CLEARED, Clipboard
from vault.errors import OutOfReach

SECRET = b"canary-Pw7#kestrel"

TOOL = """#!{shell}
echo "$0 $*" >> {folder}/calls
case "$0 $*" in
  *--help*) echo "{help}";;
  *wl-paste*|*pbpaste*|*-out*|*--output*) {cat} {folder}/content;;
  *) {cat} > {folder}/content; {env} > {folder}/environment;;
esac
"""


@pytest.fixture
def desktop(tmp_path, monkeypatch):
    """A PATH with only the tools named, in a desktop session of the kind named."""
    clipboard._wl_copy_knows_sensitive.cache_clear()

    def make(*tools, help="", **environment):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        programs = {name: shutil.which(name) for name in ("cat", "env")}
        for tool in tools:
            file = folder / tool
            file.write_text(TOOL.format(shell="/bin/sh", folder=tmp_path, help=help, **programs))
            file.chmod(file.stat().st_mode | stat.S_IXUSR)
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"PATH": str(folder), **environment}.items():
            monkeypatch.setenv(name, value)
        return tmp_path

    yield make
    clipboard._wl_copy_knows_sensitive.cache_clear()


def _calls(folder) -> str:
    return (folder / "calls").read_text()


WAYLAND = (("wl-copy", "wl-paste"), {"WAYLAND_DISPLAY": "wayland-0"})
X11 = (("xclip",), {"DISPLAY": ":0"})
XSEL = (("xsel",), {"DISPLAY": ":0"})
MACOS = (("pbcopy", "pbpaste"), {})


@pytest.fixture(params=[WAYLAND, X11, XSEL, MACOS], ids=["wayland", "xclip", "xsel", "macOS"])
def session(request, desktop, monkeypatch):
    tools, environment = request.param
    monkeypatch.setattr("sys.platform", "darwin" if request.param is MACOS else "linux")
    return desktop(*tools, **environment)


def test_a_secret_goes_in_through_a_pipe_and_is_overwritten_when_it_is_still_there(session):
    found = Clipboard.require()
    secret = bytearray(SECRET)
    found.copy(secret)
    assert (session / "content").read_bytes() == SECRET
    assert secret == SECRET, "it is the caller's to wipe"
    assert found.clear_if_ours()
    assert (session / "content").read_bytes() == CLEARED
    assert SECRET.decode() not in _calls(session) + (session / "environment").read_text() + repr(found)
    assert SECRET not in b"".join(str(value).encode() for value in vars(found).values())
    assert "primary" not in _calls(session).lower()


@pytest.mark.parametrize("since", [b"something else", b"", SECRET + b" and more", SECRET[:-1]])
def test_what_somebody_copied_since_is_left_alone(session, since):
    found = Clipboard.require()
    found.copy(bytearray(SECRET))
    (session / "content").write_bytes(since)
    assert found.clear_if_ours()
    assert (session / "content").read_bytes() == since


def test_nothing_is_cleared_twice_or_without_a_copy(session):
    found = Clipboard.require()
    assert found.clear_if_ours()
    assert not (session / "content").exists()


@pytest.mark.parametrize(("help", "hinted"), [("-o, --sensitive  Mark the clipboard content as sensitive", True), ("", False)])
def test_where_the_tool_knows_a_hint_against_histories_it_is_given(desktop, help, hinted):
    tools, environment = WAYLAND
    folder = desktop(*tools, help=help, **environment)
    found = Clipboard.require()
    assert found.hides_from_history is hinted
    found.copy(bytearray(SECRET))
    assert ("--type text/plain --sensitive" in _calls(folder)) is hinted


@pytest.mark.parametrize("variable", ["SSH_CONNECTION", "SSH_TTY"])
def test_over_ssh_there_is_none_even_with_a_display(desktop, variable):
    desktop("xclip", DISPLAY=":10", **{variable: "1.2.3.4 5 6.7.8.9 22"})
    assert Clipboard.find() is None
    with pytest.raises(OutOfReach, match="SSH"):
        Clipboard.require()


@pytest.mark.parametrize(
    ("tools", "environment", "remedy"),
    [
        ((), {}, "type the secret"),
        ((), {"DISPLAY": ":0"}, "install xclip"),
        ((), {"WAYLAND_DISPLAY": "w"}, "install wl-clipboard"),
        (("wl-copy",), {"WAYLAND_DISPLAY": "w"}, "install wl-clipboard"),
        (("xclip",), {}, "type the secret"),
        (("clip.exe",), {"WSL_DISTRO_NAME": "Debian"}, "type the secret"),
    ],
)
def test_where_there_is_none_the_remedy_is_named(desktop, tools, environment, remedy):
    desktop(*tools, **environment)
    assert Clipboard.find() is None
    with pytest.raises(OutOfReach) as refusal:
        Clipboard.require()
    assert remedy in refusal.value.hint


def test_x11_serves_where_wayland_s_tool_is_missing(desktop):
    desktop("xclip", WAYLAND_DISPLAY="w", DISPLAY=":0")
    assert Clipboard.require().name == "xclip"


def test_a_tool_that_fails_or_goes_missing_is_out_of_reach(desktop):
    folder = desktop("xclip", DISPLAY=":0")
    found = Clipboard.require()
    (folder / "bin/xclip").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(OutOfReach, match="xclip failed"):
        found.copy(bytearray(SECRET))
    (folder / "bin/xclip").unlink()
    with pytest.raises(OutOfReach):
        found.copy(bytearray(SECRET))


def test_a_tool_that_hangs_is_out_of_reach(desktop, monkeypatch):
    folder = desktop("xclip", DISPLAY=":0")
    monkeypatch.setattr(clipboard, "_SECONDS", 0.2)
    found = Clipboard.require()
    (folder / "bin/xclip").write_text(f"#!/bin/sh\nexec {shutil.which('sleep', path=os.defpath)} 60\n")
    with pytest.raises(OutOfReach):
        found.copy(bytearray(SECRET))
    found._mark = b"x" * 32
    with pytest.raises(OutOfReach):
        found.clear_if_ours()
