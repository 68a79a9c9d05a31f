// SPDX-License-Identifier: BSL-1.0
//
// The main of every static test: that it was compiled and linked is the test.

int main() {}
