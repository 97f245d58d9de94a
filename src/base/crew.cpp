// SPDX-License-Identifier: Apache-2.0
#include "base/crew.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <ctime>
#include <system_error>
#include <utility>

#include "base/interrupt.hpp"
#include "chronograd/thread_owner.hpp"

namespace chronograd {
namespace {

double seconds_on(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

void*& thread_owner() {
  thread_local void* owner = nullptr;
  return owner;
}

double thread_cpu_seconds() {
  return seconds_on(CLOCK_THREAD_CPUTIME_ID);
}

int available_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int thread_count(const Config& config, int asked) {
  if (asked > 0) return asked;
  const auto wanted = static_cast<int>(config.table("").integer("threads"));
  return wanted > 0 ? wanted : available_processors();
}

Crew::Crew(int threads) {
  const auto work = [this, owner = thread_owner()] {
    thread_owner() = owner;
    for (unsigned seen = 0;;) {
      round_.wait(seen);
      seen = round_.load();
      if (leaving_) return;
      {
        const Interrupt::Here here(interrupt_);
        help();
      }
      if (busy_.fetch_sub(1) == 1) busy_.notify_one();
    }
  };
  try {
    for (int i = 1; i < threads; ++i) threads_.emplace_back(work);
  } catch (const std::system_error&) {  // the system gives no more threads; results do not depend on their number
  }
}

Crew::~Crew() {
  leaving_ = true;
  round_.fetch_add(1);
  round_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

double Crew::cpu_seconds() {
  double sum = 0;
  for (std::thread& thread : threads_) {
    clockid_t clock{};
    if (::pthread_getcpuclockid(thread.native_handle(), &clock) == 0) sum += seconds_on(clock);
  }
  return sum;
}

void Crew::help() {
  try {
    for (int job = next_.fetch_add(1); job < jobs_; job = next_.fetch_add(1)) (*work_)(job);
  } catch (...) {
    const std::scoped_lock lock(mutex_);
    if (!thrown_) thrown_ = std::current_exception();
  }
}

void Crew::run(int jobs, const std::function<void(int)>& work) {
  if (threads_.empty() || jobs < 2) {
    for (int job = 0; job < jobs; ++job) work(job);
    return;
  }
  work_ = &work;
  interrupt_ = Interrupt::here();
  jobs_ = jobs;
  next_ = 0;
  busy_ = static_cast<int>(threads_.size());
  round_.fetch_add(1);
  round_.notify_all();
  help();
  for (int left = busy_.load(); left > 0; left = busy_.load()) busy_.wait(left);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

}  // namespace chronograd
