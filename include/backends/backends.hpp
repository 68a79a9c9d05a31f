// SPDX-License-Identifier: BSL-1.0
//
// Every public header but those of select/, in the data's order. Programs that only record
// do better with <backends/storage/host.hpp>: this one brings Asio along.
#pragma once

// clang-format off
#include <backends/core/time.hpp>
#include <backends/core/as.hpp>
#include <backends/core/braced_number.hpp>
#include <backends/core/counted.hpp>
#include <backends/core/counters.hpp>
#include <backends/core/decimal.hpp>
#include <backends/core/erase_where.hpp>
#include <backends/core/errors.hpp>
#include <backends/core/export_names.hpp>
#include <backends/core/fixed_array.hpp>
#include <backends/core/fork_detector.hpp>
#include <backends/core/joined.hpp>
#include <backends/core/labels.hpp>
#include <backends/core/lock.hpp>
#include <backends/core/member_name.hpp>
#include <backends/core/raise.hpp>
#include <backends/core/seqlock.hpp>
#include <backends/core/signals.hpp>
#include <backends/core/text_index.hpp>
#include <backends/core/thread.hpp>
#include <backends/core/wall_clock.hpp>

#include <backends/hardware/huge_page_block.hpp>
#include <backends/hardware/prefetch.hpp>
#include <backends/hardware/registers.hpp>
#include <backends/hardware/require_ieee.hpp>
#include <backends/hardware/value_array.hpp>
#include <backends/hardware/vectors.hpp>

#include <backends/instrument/bucket_counts.hpp>
#include <backends/instrument/counter.hpp>
#include <backends/instrument/counting_cells.hpp>
#include <backends/instrument/distribution.hpp>
#include <backends/instrument/exponential_buckets.hpp>
#include <backends/instrument/gauge.hpp>
#include <backends/instrument/histogram.hpp>
#include <backends/instrument/instrument.hpp>
#include <backends/instrument/peak.hpp>
#include <backends/instrument/quantiles.hpp>
#include <backends/instrument/shared_cells.hpp>
#include <backends/instrument/thread_cells.hpp>
#include <backends/instrument/thread_number.hpp>
#include <backends/instrument/up_down_counter.hpp>

#include <backends/cell/cell.hpp>
#include <backends/cell/column_counts.hpp>
#include <backends/cell/double_cell.hpp>
#include <backends/cell/float_cell.hpp>
#include <backends/cell/packed_cell.hpp>
#include <backends/cell/packed_sum.hpp>
#include <backends/cell/packed_sums.hpp>
#include <backends/cell/packed_word.hpp>
#include <backends/cell/row_views.hpp>

#include <backends/storage/algorithms.hpp>
#include <backends/storage/chart.hpp>
#include <backends/storage/chart_counters.hpp>
#include <backends/storage/chart_follower.hpp>
#include <backends/storage/chart_options.hpp>
#include <backends/storage/chart_registry.hpp>
#include <backends/storage/collected.hpp>
#include <backends/storage/dimension_table.hpp>
#include <backends/storage/distributing_chart.hpp>
#include <backends/storage/free_ranges.hpp>
#include <backends/storage/history.hpp>
#include <backends/storage/host.hpp>
#include <backends/storage/instrument_chart.hpp>
#include <backends/storage/lease.hpp>
#include <backends/storage/locked.hpp>
#include <backends/storage/observed_chart.hpp>
#include <backends/storage/optional_parts.hpp>
#include <backends/storage/pending_row.hpp>
#include <backends/storage/plain_row.hpp>
#include <backends/storage/plain_words.hpp>
#include <backends/storage/recording_policy.hpp>
#include <backends/storage/ring.hpp>
#include <backends/storage/row.hpp>
#include <backends/storage/row_tiles.hpp>
#include <backends/storage/sampler.hpp>
#include <backends/storage/slot_times.hpp>
#include <backends/storage/slots.hpp>
#include <backends/storage/struct_chart.hpp>
#include <backends/storage/unsynchronized.hpp>
#include <backends/storage/wait_free.hpp>

#include <backends/source/as_collected.hpp>
#include <backends/source/as_source.hpp>
#include <backends/source/average.hpp>
#include <backends/source/columns.hpp>
#include <backends/source/count.hpp>
#include <backends/source/data_source.hpp>
#include <backends/source/fused.hpp>
#include <backends/source/last.hpp>
#include <backends/source/maximum.hpp>
#include <backends/source/minimum.hpp>
#include <backends/source/position.hpp>
#include <backends/source/reduce.hpp>
#include <backends/source/reduction.hpp>
#include <backends/source/selected.hpp>
#include <backends/source/stored.hpp>
#include <backends/source/sum.hpp>
#include <backends/source/summed.hpp>
#include <backends/source/total_over_time.hpp>
#include <backends/source/value_block.hpp>

#include <backends/number/digit_writer.hpp>
#include <backends/number/digits.hpp>
#include <backends/number/number.hpp>
#include <backends/number/number_block.hpp>

#include <backends/format/grammar.hpp>
#include <backends/format/graphite_plaintext.hpp>
#include <backends/format/json_plaintext.hpp>
#include <backends/format/json_text.hpp>
#include <backends/format/label_texts.hpp>
#include <backends/format/line_cursor.hpp>
#include <backends/format/line_layout.hpp>
#include <backends/format/line_writer.hpp>
#include <backends/format/opentsdb_telnet.hpp>
#include <backends/format/parser.hpp>
#include <backends/format/renderer.hpp>
#include <backends/format/safe_export_names.hpp>
#include <backends/format/safe_name.hpp>
#include <backends/format/series_text.hpp>
#include <backends/format/series_texts.hpp>
#include <backends/format/text_twins.hpp>
#include <backends/format/tokens.hpp>
#include <backends/format/wire_format.hpp>

#include <backends/queue/batch_ends.hpp>
#include <backends/queue/byte_block.hpp>
#include <backends/queue/ledger.hpp>
#include <backends/queue/line_queue.hpp>
#include <backends/queue/newlines.hpp>
#include <backends/queue/overflow.hpp>
#include <backends/queue/positions.hpp>
#include <backends/queue/queue_view.hpp>

#include <backends/delivery/action.hpp>
#include <backends/delivery/backoff.hpp>
#include <backends/delivery/confirmation.hpp>
#include <backends/delivery/machine.hpp>
#include <backends/delivery/options.hpp>
#include <backends/delivery/pilot.hpp>
#include <backends/delivery/random.hpp>
#include <backends/delivery/route.hpp>
#include <backends/delivery/shipment.hpp>
#include <backends/delivery/stream.hpp>
#include <backends/delivery/suspicion.hpp>

#include <backends/spool/crc32c.hpp>
#include <backends/spool/file.hpp>
#include <backends/spool/file_spool.hpp>
#include <backends/spool/live_ranges.hpp>
#include <backends/spool/record.hpp>
#include <backends/spool/recovery.hpp>
#include <backends/spool/segment_log.hpp>
#include <backends/spool/spool.hpp>

#include <backends/transport/composed_operation.hpp>
#include <backends/transport/destination.hpp>
#include <backends/transport/endpoint.hpp>
#include <backends/transport/epoll_set.hpp>
#include <backends/transport/executor.hpp>
#include <backends/transport/keep_module.hpp>
#include <backends/transport/known_name.hpp>
#include <backends/transport/memory.hpp>
#include <backends/transport/operation_memory.hpp>
#include <backends/transport/poll_reactor.hpp>
#include <backends/transport/reactor.hpp>
#include <backends/transport/resolver.hpp>
#include <backends/transport/socket_options.hpp>
#include <backends/transport/tcp.hpp>
#include <backends/transport/tcp_socket.hpp>
#include <backends/transport/transport.hpp>
#include <backends/transport/waker.hpp>

#include <backends/driver/clock.hpp>
#include <backends/driver/event_log.hpp>
#include <backends/driver/observer.hpp>
#include <backends/driver/policies.hpp>
#include <backends/driver/replies.hpp>
#include <backends/driver/shipping.hpp>
#include <backends/driver/spooling.hpp>
#include <backends/driver/told_drops.hpp>

#include <backends/monitor/monitor.hpp>
#include <backends/monitor/process.hpp>
#include <backends/monitor/step_time.hpp>

#include <backends/exporter/chart_lines.hpp>
#include <backends/exporter/cycle.hpp>
#include <backends/exporter/driving.hpp>
#include <backends/exporter/exporter.hpp>
#include <backends/exporter/histogram_lines.hpp>
#include <backends/exporter/last_readings.hpp>
#include <backends/exporter/option_table.hpp>
#include <backends/exporter/option_values.hpp>
#include <backends/exporter/options.hpp>
#include <backends/exporter/own_lines.hpp>
#include <backends/exporter/positions.hpp>
#include <backends/exporter/prefetch_ahead.hpp>
#include <backends/exporter/registration.hpp>
#include <backends/exporter/requirements.hpp>
#include <backends/exporter/run_state.hpp>
#include <backends/exporter/sampling.hpp>
#include <backends/exporter/schedule.hpp>
#include <backends/exporter/series_numbers.hpp>
#include <backends/exporter/sliced_queue.hpp>
#include <backends/exporter/steps.hpp>
#include <backends/exporter/stop_handle.hpp>
#include <backends/exporter/stop_result.hpp>
#include <backends/exporter/tick.hpp>
#include <backends/exporter/told_losses.hpp>

#include <backends/version.hpp>
// clang-format on
