#!/usr/bin/env python3
"""Makes tones.bin: for each frequency half a second of a sine as opusenc (libopus) encodes it.

Needs sox and opusenc (Debian: sox, opus-tools). A frequency is a multiple of 50 Hz, so that a frame of 20 ms
holds whole waves and the half second can be repeated. The first second, in which the encoder settles, is left
out.
"""

import pathlib
import struct
import subprocess
import tempfile

FREQUENCIES = range(400, 2000, 100)
FRAMES, FRAME_BYTES, SKIPPED = 25, 60, 50


def packets(ogg: bytes) -> list[bytes]:
    """The packets of an Ogg stream; none of them is longer than a page."""
    found: list[bytes] = []
    at = 0
    while at < len(ogg):
        count = ogg[at + 26]
        sizes = ogg[at + 27 : at + 27 + count]
        at += 27 + count
        packet = b""
        for size in sizes:
            packet += ogg[at : at + size]
            at += size
            if size < 255:
                found.append(packet)
                packet = b""
    return found[2:]  # without the two headers


def encoded(frequency: int, folder: pathlib.Path) -> bytes:
    sine, opus = folder / "tone.wav", folder / "tone.opus"
    synth = ["synth", "3", "sine", str(frequency), "vol", "0.5"]
    subprocess.run(["sox", "-n", "-r", "48000", "-c", "1", "-b", "16", sine, *synth], check=True)
    wanted = ["--hard-cbr", "--bitrate", "24", "--framesize", "20", "--music"]
    subprocess.run(["opusenc", "--quiet", *wanted, sine, opus], check=True)
    frames = packets(opus.read_bytes())[SKIPPED : SKIPPED + FRAMES]
    assert all(len(frame) == FRAME_BYTES for frame in frames), [len(frame) for frame in frames]
    return b"".join(frames)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        tones = [struct.pack(">H", each) + encoded(each, pathlib.Path(name)) for each in FREQUENCIES]
    (pathlib.Path(__file__).parent / "tones.bin").write_bytes(b"".join(tones))


if __name__ == "__main__":
    main()
