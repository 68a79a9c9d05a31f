// SPDX-License-Identifier: BSL-1.0
//
// Requests of binary records, as the embedded receiver reads them. The first byte says what the
// rest is: a block of snappy, which a second reading unpacks; a request of either format as it is;
// or decisions: series or metrics, the order of their fields, fields that nobody knows, how they
// are packed. Then what is told must be what was drawn; and a request with a bit turned is read or
// refused.
#include "../../example/receiver/otlp_reader.hpp"
#include "../../example/receiver/remote_write_reader.hpp"

#include "fuzz/harness.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using fuzz::require;
using receiver::damaged_request;

struct told_sample {
    std::string line;
    std::string series;
    std::string value;
    std::int64_t at;
};

/// What a reader makes of a request; nothing: it is refused.
std::optional<std::vector<told_sample>> read(const receiver::message_format& format,
                                             std::string_view body,
                                             receiver::request_account& account) {
    std::vector<told_sample> told;
    try {
        account = format.read(body, [&told](std::string_view line, const auto& seen) {
            require(seen.has_value(), "a sample is taken apart", line);
            told.push_back({std::string{line}, seen->series, std::string{seen->value}, seen->at});
        });
    } catch (const damaged_request& e) {
        require(told.empty(), "who is refused has told nothing");
        require(std::string_view{e.what()}.ends_with('.'), "a sentence says why", e.what());
        return std::nullopt;
    }
    require(told.size() == account.samples, "samples are counted");
    require((account.rejected != 0) == account.why.ends_with('.'), "so are rejected ones",
            account.why);
    require(account.bytes <= receiver::longest_message, "and bytes");
    for (const told_sample& one : told) {
        require(std::ranges::none_of(one.line,
                                     [](char c) {
                                         const auto byte = static_cast<unsigned char>(c);
                                         return byte < 0x20 || byte == 0x7f;
                                     }),
                "a line stays on its line", one.line);
        for (std::size_t at = 0; (at = one.line.find('\xc2', at)) != one.line.npos; ++at) {
            require(static_cast<unsigned char>(one.line[at + 1]) >= 0xa0,
                    "no character controls a terminal", one.line);
        }
        require(one.line.starts_with(one.series + ' ' + one.value + ' '), "its parts", one.line);
    }
    return told;
}

/// A second reading of a block: every element is worked out before it is looked at.
std::optional<std::string> unpacked_again(std::string_view block) {
    std::size_t at = 0;
    std::uint64_t size = 0;
    for (unsigned i = 0;; ++i) {
        if (at == block.size() || i == 5) {
            return std::nullopt;
        }
        const auto byte = static_cast<unsigned char>(block[at++]);
        size += std::uint64_t{byte & 127U} << 7U * i;
        if (byte < 128) {
            break;
        }
    }
    if (size > receiver::longest_message) {
        return std::nullopt;
    }
    std::string out;
    while (at < block.size()) {
        const auto tag = static_cast<unsigned char>(block[at++]);
        const unsigned top = tag / 4;
        const std::array<unsigned, 4> of_kind{top < 60 ? 0U : top - 59, 1, 2, 4};
        const unsigned extra = of_kind[tag % 4];
        std::uint64_t number = 0;
        for (unsigned i = 0; i != extra; ++i) {
            if (at == block.size()) {
                return std::nullopt;
            }
            number += std::uint64_t{static_cast<unsigned char>(block[at++])} << 8U * i;
        }
        if (tag % 4 == 0) {
            const std::uint64_t n = 1 + (top < 60 ? top : number);
            if (block.size() - at < n) {
                return std::nullopt;
            }
            out += block.substr(at, n);
            at += n;
        } else {
            const std::uint64_t n = tag % 4 == 1 ? 4 + top % 8 : 1 + top;
            const std::uint64_t back = tag % 4 == 1 ? number + 256 * (top / 8) : number;
            if (back == 0 || back > out.size()) {
                return std::nullopt;
            }
            const std::string period = out.substr(out.size() - back, n);
            for (std::uint64_t i = 0; i != n; ++i) {
                out += period[i % period.size()];
            }
        }
        if (out.size() > size) {
            return std::nullopt;
        }
    }
    return out.size() == size ? std::optional{out} : std::nullopt;
}

void compare_blocks(std::string_view block) {
    std::optional<std::string> got;
    try {
        got = receiver::snappy_block::unpacked(block);
    } catch (const damaged_request&) {}
    require(got == unpacked_again(block), "both readings of a block agree");
}

/// Writes messages as it is decided.
class writer {
public:
    explicit writer(fuzz::decisions& in) : in_{in} {}

    static std::string varint(std::uint64_t v) {
        std::string out;
        for (; v >= 128; v /= 128) {
            out += static_cast<char>(v % 128 + 128);
        }
        return out += static_cast<char>(v);
    }
    static std::string bytes(unsigned number, std::string_view of) {
        return varint(number * 8U + 2) + varint(of.size()) + std::string{of};
    }
    static std::string integer(unsigned number, std::uint64_t v) {
        return varint(number * 8U) + varint(v);
    }
    static std::string eight(std::uint64_t v) {
        std::string out;
        for (int i = 0; i != 8; ++i, v /= 256) {
            out += static_cast<char>(v % 256);
        }
        return out;
    }
    static std::string fixed(unsigned number, std::uint64_t v) {
        return varint(number * 8U + 1) + eight(v);
    }

    /// The fields in an order of their own, with one that nobody knows among them.
    std::string shuffled(std::vector<std::string> fields) {
        if (in_.up_to(3) == 0) {
            const unsigned number = 100 + in_.up_to(200);
            const std::array<std::string, 5> any{
                integer(number, in_.take<std::uint64_t>()), fixed(number, 7),
                bytes(number, in_.text(in_.up_to(9))), varint(number * 8U + 5) + "four",
                varint(number * 8U + 3) + integer(1, 2) + varint(number * 8U + 4)};
            fields.push_back(any[in_.up_to(4)]);
        }
        std::string out;
        while (!fields.empty()) {
            const unsigned chosen = in_.up_to(static_cast<unsigned>(fields.size()) - 1);
            out += fields[chosen];
            fields.erase(fields.begin() + chosen);
        }
        return out;
    }

private:
    fuzz::decisions& in_;
};

struct drawn_sample {
    std::string series;
    double value;
    std::int64_t at;
};

void compare(const std::vector<told_sample>& told, const std::vector<drawn_sample>& drawn) {
    require(told.size() == drawn.size(), "as many samples as were written");
    for (std::size_t i = 0; i != told.size(); ++i) {
        require(told[i].series == drawn[i].series, "the series that was written", told[i].line);
        const double value = std::strtod(told[i].value.c_str(), nullptr);
        require(value == drawn[i].value || (value != value && drawn[i].value != drawn[i].value),
                "its value", told[i].line);
        require(told[i].at == drawn[i].at, "its time", told[i].line);
    }
}

/// A block of a text: literals and copies of what stands a drawn number of bytes before.
std::string packed(std::string_view text, fuzz::decisions& in) {
    std::string out = writer::varint(text.size());
    const std::size_t back = 1 + std::size_t{in.take<std::uint8_t>()};
    for (std::size_t at = 0; at != text.size();) {
        std::size_t n = 0;
        while (at >= back && at + n != text.size() && n != 11 &&
               text[at + n] == text[at + n - back]) {
            ++n;
        }
        if (n >= 4) {
            const unsigned kind = 1 + in.up_to(2);
            out += static_cast<char>(kind == 1 ? (n - 4) * 4 + 1 : (n - 1) * 4 + kind);
            out += static_cast<char>(back % 256);
            out.append(kind == 1 ? "" : std::string{static_cast<char>(back / 256)});
            out.append(kind == 3 ? 2 : 0, '\0');
            if (kind == 1) {
                out[out.size() - 2] = static_cast<char>((n - 4) * 4 + 1 + back / 256 * 32);
            }
        } else {
            n = (std::min)(text.size() - at, 1 + std::size_t{in.up_to(20)});
            out += static_cast<char>((n - 1) * 4);
            out += text.substr(at, n);
        }
        at += n;
    }
    return out;
}

const std::array<std::string, 4> names{"a", "b", "c", "d"};

void write_series(fuzz::decisions& in) {
    writer write{in};
    std::vector<drawn_sample> drawn;
    std::string message;
    for (unsigned n = 1 + in.up_to(2); n != 0; --n) {
        std::vector<std::string> fields{writer::bytes(
            1, write.shuffled({writer::bytes(1, "__name__"), writer::bytes(2, "m")}))};
        std::string labels;
        for (const std::string& name : names) {
            if (in.up_to(1) == 1) {
                const std::string value(1, static_cast<char>('a' + in.up_to(25)));
                fields.push_back(writer::bytes(
                    1, write.shuffled({writer::bytes(1, name), writer::bytes(2, value)})));
                labels += (labels.empty() ? "" : ",") + name + "=\"" + value + '"';
            }
        }
        const std::string series = "m" + (labels.empty() ? "" : '{' + labels + '}');
        std::string series_message = write.shuffled(fields);
        for (unsigned samples = in.up_to(2); samples != 0; --samples) {
            const auto value = in.take<double>();
            const auto seconds = std::int64_t{in.take<std::int32_t>()};
            series_message += writer::bytes(
                2, write.shuffled(
                       {writer::fixed(1, std::bit_cast<std::uint64_t>(value)),
                        writer::integer(2, static_cast<std::uint64_t>(seconds * 1'000 + 1))}));
            drawn.push_back({series, value, seconds});
        }
        message += writer::bytes(1, series_message);
    }
    std::string body = packed(message, in);
    receiver::request_account account;
    const auto told = read(receiver::remote_write_requests, body, account);
    require(told.has_value() && account.bytes == message.size(), "what was written is read");
    compare(*told, drawn);
    const std::size_t bit = in.take<std::uint16_t>() % (8 * body.size());
    body[bit / 8] = static_cast<char>(body[bit / 8] ^ 1 << bit % 8);
    read(receiver::remote_write_requests, body, account);
}

/// A point without its time, and the value that is told of it, if that is a number.
std::pair<std::vector<std::string>, double> drawn_point(unsigned kind, fuzz::decisions& in) {
    const auto value = in.take<double>();
    const auto bits = std::bit_cast<std::uint64_t>(value);
    if (kind <= 7) {
        return {{writer::fixed(4, bits)}, value};
    }
    std::vector<std::string> fields{writer::fixed(5, bits)};
    std::uint64_t count = 0;
    std::string eights;
    std::string varints;
    const bool is_packed = in.up_to(1) == 1;
    for (unsigned i = in.up_to(6); i != 0; --i) {
        const std::uint64_t n = in.take<std::uint16_t>();
        count += n;
        eights += is_packed ? writer::eight(n) : writer::fixed(6, n);
        varints += is_packed ? writer::varint(n) : writer::integer(2, n);
        if (kind == 9 && i != 1) {
            fields.push_back(
                writer::fixed(7, std::bit_cast<std::uint64_t>(static_cast<double>(fields.size()))));
        }
    }
    if (kind == 9) {
        std::string bounds;
        for (std::size_t i = 1; i < fields.size(); ++i) {
            bounds += fields[i];
        }
        fields = {fields[0], bounds, is_packed ? writer::bytes(6, eights) : eights};
    } else if (kind == 10) {
        fields.push_back(writer::integer(6, in.take<std::uint8_t>()));
        fields.push_back(
            writer::bytes(8 + in.up_to(1), writer::integer(1, in.take<std::uint8_t>()) +
                                               (is_packed ? writer::bytes(2, varints) : varints)));
    } else {
        fields.push_back(writer::bytes(6, writer::fixed(1, 0) + writer::fixed(2, bits)));
    }
    fields.push_back(writer::fixed(4, count));
    return {fields, static_cast<double>(count)};
}

void write_metrics(fuzz::decisions& in) {
    constexpr std::array<unsigned, 5> kinds{5, 7, 9, 10, 11};
    constexpr std::array<unsigned, 5> attributes{7, 7, 9, 1, 7};
    writer write{in};
    std::vector<drawn_sample> drawn;
    std::string metrics;
    std::uint64_t rejected = 0;
    for (unsigned n = 1 + in.up_to(2); n != 0; --n) {
        const unsigned chosen = in.up_to(4);
        const unsigned kind = kinds[chosen];
        std::string points;
        for (unsigned i = in.up_to(2); i != 0; --i) {
            auto [fields, value] = drawn_point(kind, in);
            const auto seconds = in.take<std::uint32_t>();
            if (seconds == 0) {
                ++rejected;
            } else {
                drawn.push_back({"m{a=\"x\",host.name=\"h\"}", value, std::int64_t{seconds}});
            }
            fields.push_back(writer::fixed(3, seconds * std::uint64_t{1'000'000'000}));
            fields.push_back(writer::bytes(
                attributes[chosen],
                write.shuffled({writer::bytes(1, "a"), writer::bytes(2, writer::bytes(1, "x"))})));
            points += writer::bytes(1, write.shuffled(fields));
        }
        const std::string of_kind =
            write.shuffled({points, kind == 5 || kind == 11 ? "" : writer::integer(2, 1)});
        metrics +=
            writer::bytes(2, write.shuffled({writer::bytes(1, "m"), writer::bytes(kind, of_kind)}));
    }
    const std::string resource =
        writer::bytes(1, writer::bytes(1, "host.name") + writer::bytes(2, writer::bytes(1, "h")));
    std::string body =
        writer::bytes(1, write.shuffled({writer::bytes(1, write.shuffled({resource})),
                                         writer::bytes(2, write.shuffled({metrics}))}));
    receiver::request_account account;
    auto told = read(receiver::otlp_requests, body, account);
    require(told.has_value() && account.rejected == rejected, "what was written is read",
            account.why);
    for (told_sample& one : *told) {
        constexpr std::string_view count = "count=";
        one.value.erase(0, one.value.starts_with(count) ? count.size() : 0);
    }
    compare(*told, drawn);
    const std::size_t bit = in.take<std::uint16_t>() % (8 * body.size());
    body[bit / 8] = static_cast<char>(body[bit / 8] ^ 1 << bit % 8);
    read(receiver::otlp_requests, body, account);
}

}  // namespace

int fuzz::run(const std::uint8_t* data, std::size_t size) {
    decisions in{data, size};
    receiver::request_account account;
    switch (in.up_to(5)) {
        case 0: compare_blocks(in.rest()); break;
        case 1: read(receiver::remote_write_requests, in.rest(), account); break;
        case 2: {  // the same without a block's elements in the way
            fuzz::decisions none{nullptr, 0};
            read(receiver::remote_write_requests, packed(in.rest(), none), account);
            break;
        }
        case 3: read(receiver::otlp_requests, in.rest(), account); break;
        case 4: write_series(in); break;
        default: write_metrics(in);
    }
    return 0;
}
