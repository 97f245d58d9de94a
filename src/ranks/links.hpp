// SPDX-License-Identifier: Apache-2.0
// What the module that knows MPI offers to the library, which does not. This header is all that the module reads.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chronograd {

/// Messages of one channel do not meet those of another.
enum class Channel : int { talk, workers, alarm };

/// Messages between the processes that one launcher has started, in order between each two of them in each channel.
/// What is sent or received stays the caller's, and must stay where it is until the message is done. To be called by
/// one thread.
class Links {
 public:
  virtual ~Links() = default;  ///< waits for the others to end too
  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual const char* host() const = 0;
  /// Begins to send, or to receive, `bytes` bytes (at most 2^30), and returns a number to ask by.
  virtual std::size_t send(int to, Channel channel, const void* data, std::size_t bytes) = 0;
  /// The same, done only when the other one has begun to receive it: a slow receiver is noticed.
  virtual std::size_t send_to_taker(int to, Channel channel, const void* data, std::size_t bytes) = 0;
  /// A message may be shorter than `bytes`.
  virtual std::size_t receive(int from, Channel channel, void* data, std::size_t bytes) = 0;
  /// True when the message is done; its number is free then.
  virtual bool done(std::size_t message) = 0;
  /// No more is waited for a message that has not begun to come.
  virtual void cancel(std::size_t message) = 0;
  /// Ends all processes at once, this one too.
  [[noreturn]] virtual void abort(int code) = 0;
};

constexpr std::size_t longest_message = std::size_t{1} << 30;

/// Of the module's two functions; counted up when this header changes.
constexpr int links_version = 1;
constexpr const char* links_version_function = "chronograd_links_version";
constexpr const char* links_function = "chronograd_make_links";
using LinksVersion = int();
/// Begins MPI. The caller owns what is returned; null where MPI did not begin.
using MakeLinks = Links*();

}  // namespace chronograd
