// SPDX-License-Identifier: Apache-2.0
// The module libchronograd_mpi: links by MPI's C functions. Nothing else in the project knows MPI.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "chronograd/export.hpp"
#include "ranks/links.hpp"

namespace chronograd {
namespace {

class MpiLinks final : public Links {
 public:
  MpiLinks() {
    MPI_Comm_dup(MPI_COMM_WORLD, &all_);
    MPI_Comm_rank(all_, &rank_);
    MPI_Comm_size(all_, &size_);
    int length = 0;
    MPI_Get_processor_name(host_.data(), &length);
  }
  ~MpiLinks() override {
    MPI_Comm_free(&all_);
    MPI_Finalize();
  }
  MpiLinks(const MpiLinks&) = delete;
  MpiLinks& operator=(const MpiLinks&) = delete;

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  const char* host() const override { return host_.data(); }
  std::size_t send(int to, Channel channel, const void* data, std::size_t bytes) override {
    const std::size_t message = room();
    MPI_Isend(data, static_cast<int>(bytes), MPI_BYTE, to, static_cast<int>(channel), all_, &open_[message]);
    return message;
  }
  std::size_t send_to_taker(int to, Channel channel, const void* data, std::size_t bytes) override {
    const std::size_t message = room();
    MPI_Issend(data, static_cast<int>(bytes), MPI_BYTE, to, static_cast<int>(channel), all_, &open_[message]);
    return message;
  }
  std::size_t receive(int from, Channel channel, void* data, std::size_t bytes) override {
    const std::size_t message = room();
    MPI_Irecv(data, static_cast<int>(bytes), MPI_BYTE, from, static_cast<int>(channel), all_, &open_[message]);
    return message;
  }
  void cancel(std::size_t message) override {
    MPI_Cancel(&open_[message]);
    MPI_Wait(&open_[message], MPI_STATUS_IGNORE);
    free_.push_back(message);
  }
  bool done(std::size_t message) override {
    int flag = 0;
    MPI_Test(&open_[message], &flag, MPI_STATUS_IGNORE);
    if (flag != 0) free_.push_back(message);
    return flag != 0;
  }
  [[noreturn]] void abort(int code) override {
    MPI_Abort(all_, code);
    std::_Exit(code);
  }

 private:
  std::size_t room() {
    if (free_.empty()) {
      open_.push_back(MPI_REQUEST_NULL);
      return open_.size() - 1;
    }
    const std::size_t message = free_.back();
    free_.pop_back();
    return message;
  }

  MPI_Comm all_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1;
  std::array<char, MPI_MAX_PROCESSOR_NAME> host_{};
  std::vector<MPI_Request> open_;
  std::vector<std::size_t> free_;
};

}  // namespace
}  // namespace chronograd

extern "C" CHRONOGRAD_API int chronograd_links_version() {
  return chronograd::links_version;
}

extern "C" CHRONOGRAD_API chronograd::Links* chronograd_make_links() {
  int threads = 0;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &threads) != MPI_SUCCESS) return nullptr;
  return new chronograd::MpiLinks;  // NOLINT(cppcoreguidelines-owning-memory): across the border of a module
}
