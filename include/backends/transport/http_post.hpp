// SPDX-License-Identifier: BSL-1.0
//
// HTTP/1.1 on another transport: records go as bodies of POST requests, and count as acknowledged
// when the receiver's program has answered with a status of 200 to 299.
#pragma once

#include <backends/core/request_body.hpp>
#include <backends/core/time.hpp>
#include <backends/transport/http_encoding.hpp>
#include <backends/transport/http_exchange.hpp>
#include <backends/transport/transport.hpp>

namespace backends::inline BACKENDS_ISA {

/// Sends records over HTTP.
///
/// @tparam Next      the transport below: tcp, or one of your own
/// @tparam Encoding  of the bodies: not_encoded, or gzip (gzip.hpp)
/// @tparam Body      what the bodies are; http_post_for says it for a format
///
/// Several requests are on their way on one connection, which stays. An answer of 2xx acknowledges
/// its request's records. 429, 502, 503 and 504 put them off (errc::not_now, with the pause that
/// the receiver asks for). Other statuses of 4xx refuse them, except where credentials or the
/// target are wrong; the records of a refused request go again in four parts at a time, so that
/// only those count as refused (errc::refused) that the receiver refuses alone. Everything else
/// ends the connection with an error that tells the status. The observer hears each answer but 2xx,
/// as a reply.
///
/// Copies a record once where nobody keeps it (borrowing_transport), Next gathers no pieces, a body
/// is encoded or written over at its end, it waits for room or to fill a request, or its request is
/// refused, wholly or in part; otherwise not at all. Allocates at a connection. Thread-safe, and
/// driven, as Next is. The constructor takes http_options and Next, and throws config_error for an
/// option that cannot work.
template <transport Next, http_encoding Encoding = not_encoded, request_body Body = line_body>
class http_post : public detail::http_exchange<Next, Encoding, Body> {
public:
    using detail::http_exchange<Next, Encoding, Body>::http_exchange;
};

/// On a transport that waits.
template <waiting_transport Next, http_encoding Encoding, request_body Body>
class http_post<Next, Encoding, Body> : public detail::http_exchange<Next, Encoding, Body> {
public:
    using detail::http_exchange<Next, Encoding, Body>::http_exchange;

    /// Waits for answers as long as some are due, and for room while a request is being sent.
    void arm(bool readable, bool, instant until) {
        Next::arm(readable || this->waits_for_answer(), this->waits_for_room(), until);
    }
};

/// An http_post for the records of a format.
template <class Format, transport Next, http_encoding Encoding = not_encoded>
using http_post_for = http_post<Next, Encoding, detail::body_of<Format>>;

}  // namespace backends
