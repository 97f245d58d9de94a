# SPDX-License-Identifier: Apache-2.0
"""How pip builds the Python module, with CMake and the standard library alone: `pip install .` needs no network.

The wheel is what `cmake --install` puts under a prefix: the package, and the library and the program that it is linked to.
`pip install . --config-settings build=FOLDER` takes a build folder that is there; without it one is made, and kept for the next
time, in build/wheel.
"""
import base64
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERSION = re.search(r"project\(chronograd VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
INFO = f"chronograd-{VERSION}.dist-info"


def tag():
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    return f"{python}-{python}-{re.sub('[-.]', '_', sysconfig.get_platform())}"


def metadata_text():
    return (f"Metadata-Version: 2.1\nName: chronograd\nVersion: {VERSION}\nSummary: Temporal credit assignment in recurrent networks\n"
            "License: Apache-2.0\nRequires-Python: >=3.9\nRequires-Dist: numpy\nDescription-Content-Type: text/markdown\n\n"
            + (ROOT / "README.md").read_text())


def run(*words):
    subprocess.run([str(word) for word in words], check=True)


def built(settings):
    """The build folder, up to date."""
    folder = (settings or {}).get("build")
    folder = pathlib.Path(folder) if folder else ROOT / "build/wheel"
    if not (folder / "CMakeCache.txt").exists():
        run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DCHRONOGRAD_PYTHON=ON",
            f"-DPython_EXECUTABLE={sys.executable}", f"-DCMAKE_INSTALL_PREFIX={ROOT / 'build/prefix'}")
    run("cmake", "--build", folder, "--target", "chronograd_cli", "chronograd_python", "chronograd_core")
    return folder


def place(path):
    """Where a file under the prefix goes in the wheel; None for what a Python environment has no use for."""
    parts = path.parts
    if "chronograd" in parts and parts[0] == "lib" and parts[1].startswith("python"):
        return pathlib.PurePath(*parts[parts.index("chronograd"):])
    if parts[0] == "bin" or (parts[0] == "lib" and re.fullmatch(r"libchronograd[.]so[.][0-9]+", path.name)):
        return pathlib.PurePath(f"chronograd-{VERSION}.data", "data", *parts)
    return None


class Wheel:
    def __init__(self, path):
        self.archive, self.record = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED), []

    def put(self, name, data, mode=0o644):
        info = zipfile.ZipInfo(str(name))
        info.external_attr, info.compress_type = (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED
        self.archive.writestr(info, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append(f"{name},sha256={digest},{len(data)}")

    def close(self):
        text = "\n".join([*self.record, f"{INFO}/RECORD,,"]) + "\n"
        self.archive.writestr(f"{INFO}/RECORD", text)
        self.archive.close()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    folder = built(config_settings)
    name = f"chronograd-{VERSION}-{tag()}.whl"
    with tempfile.TemporaryDirectory() as prefix:
        run("cmake", "--install", folder, "--prefix", prefix, "--strip")
        wheel = Wheel(os.path.join(wheel_directory, name))
        for path in sorted(pathlib.Path(prefix).rglob("*")):
            target = place(path.relative_to(prefix))
            if target is not None and path.is_file():
                wheel.put(target, path.read_bytes(), path.stat().st_mode & 0o777)
        wheel.put(f"{INFO}/METADATA", metadata_text().encode())
        wheel.put(f"{INFO}/WHEEL", f"Wheel-Version: 1.0\nGenerator: chronograd\nRoot-Is-Purelib: false\nTag: {tag()}\n".encode())
        wheel.close()
    return name


def build_sdist(sdist_directory, config_settings=None):
    name = f"chronograd-{VERSION}"
    run("git", "-C", ROOT, "archive", f"--prefix={name}/", "-o", os.path.join(sdist_directory, f"{name}.tar.gz"), "HEAD")
    return f"{name}.tar.gz"
