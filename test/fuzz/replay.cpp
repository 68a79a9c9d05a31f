// SPDX-License-Identifier: BSL-1.0
//
// Runs a harness without libFuzzer, with any compiler: over the kept corpus, then over inputs drawn
// from a fixed seed, half of them noise and half of them changed seeds.
//
//   fuzz_NAME --corpus FOLDER [--random N]    all of the folder, then N more
//   fuzz_NAME --corpus FOLDER --write FOLDER  writes every seed as a file, for libFuzzer
//   fuzz_NAME --list FOLDER                   prints the files of a folder as a corpus has them
//   fuzz_NAME FILE...                         these inputs, such as a finding of tools/fuzz
//
// In the corpus, a file `.txt` holds one input a line: `\xNN`, `\n`, `\t`, `\\`, and any other byte
// as it is; lines that begin with `#` are comments. Every other file is an input as it is.
#include <backends/delivery/random.hpp>

#include "fuzz/harness.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dirent.h>
#include <unistd.h>

namespace {

using backends::split_mix;

// A byte as a corpus may have it, whatever it is.
std::array<char, 4> escaped(char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    return {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
}

// What was running when the program died, as a corpus would have it.
std::string current;
void print_current(int) {
    constexpr std::string_view head = "the input, as a line of seeds.txt:\n";
    static_cast<void>(!::write(2, head.data(), head.size()));
    for (const char c : current) {
        const auto text = escaped(c);
        static_cast<void>(!::write(2, text.data(), text.size()));
    }
    static_cast<void>(!::write(2, "\n", 1));
}

void run(std::string input) {
    current = std::move(input);
    fuzz::run(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
}

// Plain files and folders, by the C library: under the memory sanitizer, what a C++ library that is
// not instrumented itself gives back would count as not initialised.
std::string contents(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        std::exit(2);
    }
    std::string text;
    std::array<char, 4096> some;
    for (std::size_t n = 1; n != 0;) {
        n = std::fread(some.data(), 1, some.size(), file);
        text.append(some.data(), n);
    }
    std::fclose(file);
    return text;
}

std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> paths;
    DIR* const open = ::opendir(folder.c_str());
    if (open == nullptr) {
        std::fprintf(stderr, "cannot read %s\n", folder.c_str());
        std::exit(2);
    }
    while (const dirent* const entry = ::readdir(open)) {
        if (entry->d_name[0] != '.') {
            paths.push_back(folder + "/" + entry->d_name);
        }
    }
    ::closedir(open);
    std::ranges::sort(paths);
    return paths;
}

std::string unescaped(std::string_view line) {
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] != '\\' || i + 1 == line.size()) {
            out += line[i];
            continue;
        }
        switch (line[++i]) {
            case 'n': out += '\n'; break;
            case 't': out += '\t'; break;
            case 'x':
                out +=
                    static_cast<char>(std::stoi(std::string{line.substr(i + 1, 2)}, nullptr, 16));
                i += 2;
                break;
            default: out += line[i];
        }
    }
    return out;
}

std::vector<std::string> corpus(const std::string& folder) {
    std::vector<std::string> inputs;
    for (const std::string& path : files_in(folder)) {
        std::string text = contents(path);
        if (!path.ends_with(".txt")) {
            inputs.push_back(std::move(text));
            continue;
        }
        for (std::string_view rest = text; !rest.empty();) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            if (!line.starts_with('#')) {
                inputs.push_back(unescaped(line));
            }
        }
    }
    return inputs;
}

// Shortest first.
void list(const std::string& folder) {
    std::vector<std::string> inputs;
    for (const std::string& path : files_in(folder)) {
        inputs.push_back(contents(path));
    }
    std::ranges::sort(inputs, [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    for (const std::string& input : inputs) {
        for (const char c : input) {
            const bool plain = c > ' ' && c < 0x7f && c != '\\' && c != '#';
            std::fwrite(plain ? &c : escaped(c).data(), 1, plain ? 1 : 4, stdout);
        }
        std::putchar('\n');
    }
}

std::string noise(split_mix& random) {
    std::string input(random() % (random() % 8 == 0 ? 1000 : 80), '\0');
    for (char& c : input) {
        c = static_cast<char>(random());
    }
    return input;
}

// Bytes are replaced, removed, doubled; two seeds are joined.
std::string changed(const std::vector<std::string>& seeds, split_mix& random) {
    std::string input = seeds[random() % seeds.size()];
    for (std::uint64_t n = 1 + random() % 6; n != 0; --n) {
        const std::size_t at = input.empty() ? 0 : random() % input.size();
        switch (random() % 5) {
            case 0: input.insert(at, 1, static_cast<char>(random())); break;
            case 1: input.erase(at, random() % 4); break;
            case 2: input.insert(at, input.substr(at, random() % 12)); break;
            case 3: {
                const std::string& other = seeds[random() % seeds.size()];
                input.insert(at, other, 0, random() % (other.size() + 1));
                break;
            }
            default:
                if (!input.empty()) {
                    input[at] = static_cast<char>(random());
                }
        }
    }
    return input;
}

[[noreturn]] void usage() {
    std::fputs(
        "usage: fuzz_NAME [--corpus FOLDER] [--random N | --write FOLDER] [FILE...]\n"
        "       fuzz_NAME --list FOLDER\n",
        stderr);
    std::exit(2);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::string> inputs;
    std::uint64_t more = 0;
    std::string folder;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const auto value = [&] { return ++i == argc ? (usage(), nullptr) : argv[i]; };
        if (word == "--corpus") {
            inputs = corpus(value());
        } else if (word == "--random") {
            more = std::strtoull(value(), nullptr, 10);
        } else if (word == "--write") {
            folder = value();
        } else if (word == "--list") {
            list(value());
            return 0;
        } else if (word.starts_with("--")) {
            usage();
        } else {
            inputs.push_back(contents(std::string{word}));
        }
    }
    if (inputs.empty()) {
        usage();
    }
    if (!folder.empty()) {
        for (std::size_t i = 0; i != inputs.size(); ++i) {
            const std::string path = folder + "/seed-" + std::to_string(i);
            std::FILE* const file = std::fopen(path.c_str(), "wb");
            if (file == nullptr ||
                std::fwrite(inputs[i].data(), 1, inputs[i].size(), file) != inputs[i].size() ||
                std::fclose(file) != 0) {
                std::fprintf(stderr, "cannot write %s\n", path.c_str());
                return 2;
            }
        }
        return 0;
    }

    std::signal(SIGABRT, [](int) { print_current(0); });
    for (const std::string& input : inputs) {
        run(input);
    }
    run("");
    split_mix random{1};
    for (std::uint64_t n = 0; n != more; ++n) {
        run(n % 2 == 0 ? noise(random) : changed(inputs, random));
    }
    std::printf("%zu kept inputs, %llu drawn\n", inputs.size(),
                static_cast<unsigned long long>(more));
    return 0;
}
