// SPDX-License-Identifier: BSL-1.0
//
// Google's libprotobuf as a peer: a request as OpenTelemetry's exporter and remote write's clients
// make it, an object a record, then serialised. Names and values are ready before; the library's
// tick reduces besides.
#pragma once

#include <google/protobuf/arena.h>

#include "otlp.pb.h"
#include "prometheus.pb.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench::peers {

/// What a request is filled with, taken from one of the library's.
struct otlp_points {
    using message = ExportMetricsServiceRequest;

    explicit otlp_points(const message& from) {
        const ResourceMetrics& all = from.resource_metrics(0);
        for (const KeyValue& one : all.resource().attributes()) {
            attributes.emplace_back(one.key(), one.value().string_value());
        }
        scope = all.scope_metrics(0).scope().name();
        for (const Metric& one : all.scope_metrics(0).metrics()) {
            names.push_back(one.name());
            values.push_back(one.gauge().data_points(0).as_double());
            at = one.gauge().data_points(0).time_unix_nano();
        }
    }

    /// An object a point.
    void fill(message& into) const {
        ResourceMetrics& all = *into.add_resource_metrics();
        for (const auto& [key, value] : attributes) {
            KeyValue& one = *all.mutable_resource()->add_attributes();
            one.set_key(key);
            one.mutable_value()->set_string_value(value);
        }
        ScopeMetrics& metrics = *all.add_scope_metrics();
        metrics.mutable_scope()->set_name(scope);
        for (std::size_t i = 0; i < names.size(); ++i) {
            Metric& metric = *metrics.add_metrics();
            metric.set_name(names[i]);
            NumberDataPoint& point = *metric.mutable_gauge()->add_data_points();
            point.set_time_unix_nano(at);
            point.set_as_double(values[i]);
        }
    }

    std::vector<std::pair<std::string, std::string>> attributes;
    std::string scope;
    std::vector<std::string> names;
    std::vector<double> values;
    std::uint64_t at = 0;
};

/// The same for remote write.
struct remote_write_samples {
    using message = WriteRequest;

    explicit remote_write_samples(const message& from) {
        for (const TimeSeries& one : from.timeseries()) {
            std::vector<std::pair<std::string, std::string>>& of_this = labels.emplace_back();
            for (const Label& label : one.labels()) {
                of_this.emplace_back(label.name(), label.value());
            }
            values.push_back(one.samples(0).value());
            at = one.samples(0).timestamp();
        }
    }

    /// An object a series, one a label and one a sample.
    void fill(message& into) const {
        for (std::size_t i = 0; i < values.size(); ++i) {
            TimeSeries& series = *into.add_timeseries();
            for (const auto& [name, value] : labels[i]) {
                Label& label = *series.add_labels();
                label.set_name(name);
                label.set_value(value);
            }
            Sample& sample = *series.add_samples();
            sample.set_value(values[i]);
            sample.set_timestamp(at);
        }
    }

    std::vector<std::vector<std::pair<std::string, std::string>>> labels;
    std::vector<double> values;
    std::int64_t at = 0;
};

/// Reads what the library wrote. Throws if what is made of it is another request.
template <class Records>
std::shared_ptr<const Records> records_of(const std::string& body) {
    typename Records::message read;
    typename Records::message made;
    if (!read.ParseFromString(body)) {
        throw std::runtime_error{"libprotobuf does not understand the library's request"};
    }
    auto records = std::make_shared<const Records>(read);
    records->fill(made);
    if (made.SerializeAsString() != read.SerializeAsString() ||
        made.ByteSizeLong() != body.size()) {
        throw std::runtime_error{"libprotobuf's request is not the library's"};
    }
    return records;
}

/// Where the objects of a request are made.
struct new_objects {
    template <class Records>
    void operator()(const Records& records, std::string& text) const {
        typename Records::message request;
        records.fill(request);
        request.SerializeToString(&text);
    }
};

/// In an arena, with the sizes that OpenTelemetry's exporter gives it.
struct objects_in_arena {
    template <class Records>
    void operator()(const Records& records, std::string& text) const {
        google::protobuf::ArenaOptions options;
        options.initial_block_size = 1'024;
        options.max_block_size = 65'536;
        google::protobuf::Arena arena{options};
        auto* const request =
            google::protobuf::Arena::CreateMessage<typename Records::message>(&arena);
        records.fill(*request);
        request->SerializeToString(&text);
    }
};

/// In those of the last request.
template <class Message>
class objects_again {
public:
    template <class Records>
    void operator()(const Records& records, std::string& text) const {
        request_->Clear();
        records.fill(*request_);
        request_->SerializeToString(&text);
    }

private:
    std::shared_ptr<Message> request_ = std::make_shared<Message>();
};

}  // namespace bench::peers
