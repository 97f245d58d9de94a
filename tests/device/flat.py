#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden files as flat files, for a program that has no reader of archives: flat.py OUT_DIR FILE.npz...

A flat file is a sequence of arrays of float64, each after a line `NAME DIMENSIONS LENGTH...`; texts are left out."""
import array
import ast
import pathlib
import struct
import sys
import zipfile

TYPES = {"<f8": "d", "<f4": "f", "<i8": "q", "<i4": "i", "|u1": "B", "|b1": "B", "|i1": "b"}


def read_npy(data):
    """Shape and numbers of one .npy; none of a text."""
    size = struct.unpack("<H", data[8:10])[0] if data[6] == 1 else struct.unpack("<I", data[8:12])[0]
    start = (10 if data[6] == 1 else 12) + size
    header = ast.literal_eval(data[start - size:start].decode("latin-1"))
    if header["descr"] not in TYPES:
        return None
    if header["fortran_order"]:
        raise SystemExit("[flat] got an array in Fortran order, allowed is C order.")
    numbers = array.array(TYPES[header["descr"]])
    numbers.frombytes(data[start:])
    return header["shape"], array.array("d", numbers)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:]:
        out = bytearray()
        with zipfile.ZipFile(name) as archive:
            for member in archive.namelist():
                found = read_npy(archive.read(member))
                if found is not None:
                    words = [member.removesuffix(".npy"), len(found[0]), *found[0]]
                    out += (" ".join(map(str, words)) + "\n").encode() + found[1].tobytes()
        (folder / (pathlib.Path(name).stem + ".flat")).write_bytes(out)


main()
