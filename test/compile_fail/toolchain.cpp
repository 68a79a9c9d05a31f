// SPDX-License-Identifier: BSL-1.0
//
// What the library cannot be compiled with says so. Each mistake is one of options alone; the
// macros stand for compilers that are not at hand.
//
// mistake 1: backends: C++20 is needed, -std=c++20 or newer
// options of mistake 1: -std=c++17
//
// mistake 2: backends: exporting needs exceptions; files compiled with -fno-exceptions can record
// options of mistake 2: -fno-exceptions
//
// mistake 3: backends: g++ 12 or newer is needed
// options of mistake 3 with g++: -U__GNUC__ -D__GNUC__=11
#include <backends/delivery/machine.hpp>
#include <backends/source/average.hpp>
#include <backends/storage/host.hpp>
