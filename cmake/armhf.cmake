# SPDX-License-Identifier: Apache-2.0
# Toolchain: Debian's compiler for 32-bit ARM (package g++-arm-linux-gnueabihf); what it makes is run by qemu-arm (qemu-user).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_CXX_COMPILER arm-linux-gnueabihf-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-arm-static;-L;/usr/arm-linux-gnueabihf)
set(CMAKE_CXX_FLAGS_INIT -Wno-psabi) # notes on a change of the ABI before GCC 7
