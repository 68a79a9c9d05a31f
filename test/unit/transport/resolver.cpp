// SPDX-License-Identifier: BSL-1.0
//
// The default resolver, with the system's resolver under the test's control: this program has a
// getaddrinfo() of its own.
#include <backends/transport/resolver.hpp>

#include "catch.hpp"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace {

/// What look-ups of the name "receiver" find. All members under the mutex.
struct name_server {
    std::mutex mutex;
    std::condition_variable changed;
    const char* address = "127.0.0.1";
    int error = 0;
    bool silent = false;
    int asked = 0;
    int answered = 0;
};
name_server server;

using look_up_function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** found) {
    static const auto real = reinterpret_cast<look_up_function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    if (node == nullptr || std::string_view{node} != "receiver") {
        return real(node, service, hints, found);
    }
    std::unique_lock lock{server.mutex};
    ++server.asked;
    server.changed.notify_all();
    server.changed.wait(lock, [] { return !server.silent; });
    ++server.answered;
    const int error =
        server.error != 0 ? server.error : real(server.address, service, hints, found);
    server.changed.notify_all();
    return error;
}

namespace {

using backends::destination;
using backends::resolution;
using backends::thread_resolver;

destination receiver() {
    destination d;
    d.host = "receiver";
    d.service = "2003";
    return d;
}

/// Changes what the name server says.
template <class F>
void change(F f) {
    const std::scoped_lock lock{server.mutex};
    f(server);
    server.changed.notify_all();
}

/// Until that many look-ups have come to their end.
void wait_for_answers(int answers) {
    std::unique_lock lock{server.mutex};
    server.changed.wait(lock, [=] { return server.answered == answers; });
}

std::string text_of(const backends::tcp_endpoint& of) {
    char text[NI_MAXHOST] = "";
    ::getnameinfo(of.data(), of.size(), text, sizeof text, nullptr, 0, NI_NUMERICHOST);
    return text;
}

resolution answer_of(thread_resolver& names) {
    std::optional<resolution> found;
    while (!(found = names.result())) {
        std::this_thread::yield();
    }
    return *found;
}
std::string address_of(thread_resolver& names) {
    const resolution found = answer_of(names);
    return found.error ? found.error.message() : text_of(found.endpoints.front());
}
std::string look_up(thread_resolver& names) {
    names.start(receiver(), {});
    return address_of(names);
}

/// A look-up that is given up, as the machine does after resolve_timeout.
void give_up_look_up(thread_resolver& names) {
    int asked = 0;
    change([&](auto& s) { asked = s.asked, s.silent = true; });
    names.start(receiver(), {});
    CHECK(!names.result());
    std::unique_lock lock{server.mutex};
    server.changed.wait(lock, [=] { return server.asked == asked + 1; });
}

struct fresh_server {
    fresh_server() {
        change([](auto& s) {
            s.address = "127.0.0.1", s.error = 0, s.silent = false, s.asked = s.answered = 0;
        });
    }
};

}  // namespace

TEST_CASE("one slow look-up does not pin the address of long ago") {
    const fresh_server fresh;
    thread_resolver names;
    CHECK(look_up(names) == "127.0.0.1");
    give_up_look_up(names);
    CHECK(look_up(names) == "127.0.0.1");  // while nobody answers, what was known is used
    change([](auto& s) { s.silent = false, s.address = "127.0.0.2"; });
    wait_for_answers(2);
    // The answer that nobody waited for is taken, and a new question is put.
    while (look_up(names) != "127.0.0.2") {}
    change([](auto& s) { s.address = "127.0.0.3"; });
    CHECK(look_up(names) == "127.0.0.3");
}

TEST_CASE("that there is no such name is an answer") {
    const fresh_server fresh;
    const int none = GENERATE(EAI_NONAME, EAI_NODATA, EAI_SERVICE);
    thread_resolver names;
    CHECK(look_up(names) == "127.0.0.1");
    change([&](auto& s) { s.error = none; });
    names.start(receiver(), {});
    const resolution nothing = answer_of(names);
    CHECK(nothing.error);
    CHECK(nothing.endpoints.empty());
    SECTION("what was known before is not used any more, whatever comes") {
        change([](auto& s) { s.error = EAI_AGAIN; });
        names.start(receiver(), {});
        CHECK(answer_of(names).error);
        give_up_look_up(names);
        names.start(receiver(), {});
        CHECK(!names.result());
        change([](auto& s) { s.silent = false, s.error = 0; });
        CHECK(address_of(names) == "127.0.0.1");
    }
    SECTION("until there is one again") {
        change([](auto& s) { s.error = 0, s.address = "127.0.0.2"; });
        CHECK(look_up(names) == "127.0.0.2");
    }
}

TEST_CASE("a name server that cannot be asked says nothing about the name") {
    const fresh_server fresh;
    const int trouble = GENERATE(EAI_AGAIN, EAI_FAIL, EAI_MEMORY);
    thread_resolver names;
    CHECK(look_up(names) == "127.0.0.1");
    change([&](auto& s) { s.error = trouble; });
    CHECK(look_up(names) == "127.0.0.1");
    CHECK(look_up(names) == "127.0.0.1");
}

TEST_CASE("addresses in figures are found at once, and nothing else is") {
    const auto found = [](const char* host, const char* service) {
        const auto one = backends::detail::numeric_endpoint(host, service);
        return one ? text_of(*one) : std::string{"none"};
    };
    CHECK(found("127.0.0.1", "2003") == "127.0.0.1");
    CHECK(found("::1", "2003") == "::1");
    CHECK(found("::ffff:127.0.0.1", "65535") == "::ffff:127.0.0.1");
    CHECK(found("::1", "65536") == "none");
    CHECK(found("::1", "") == "none");
    CHECK(found("::1", "graphite") == "none");
    CHECK(found("1:2", "2003") == "none");
    CHECK(found("127.1", "2003") == "none");
    CHECK(found("localhost", "2003") == "none");
    CHECK(found("", "2003") == "none");
}
