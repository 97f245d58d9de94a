// SPDX-License-Identifier: Apache-2.0
// The program's own malloc stands before the C library's, and its own dnnl_sgemm before oneDNN's, so that both see
// every call. The C library's is reached under its other names.
#include "bench/allocations.hpp"

#include <dlfcn.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

namespace chronograd::bench {
namespace {

std::atomic<std::int64_t> ours{0}, libraries{0};
thread_local bool in_library = false;

void count() {
  (in_library ? libraries : ours).fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

Allocations allocations() {
  return {ours.load(), libraries.load()};
}

}  // namespace chronograd::bench

extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);

void* malloc(std::size_t size) {
  chronograd::bench::count();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
  chronograd::bench::count();
  return __libc_calloc(number, size);
}
void* realloc(void* block, std::size_t size) {
  chronograd::bench::count();
  return __libc_realloc(block, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  chronograd::bench::count();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}
void free(void* block) {
  __libc_free(block);
}

int dnnl_sgemm(char op_a, char op_b, std::int64_t rows, std::int64_t cols, std::int64_t inner, float alpha,
               const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c,
               std::int64_t ldc) {
  static const auto library = reinterpret_cast<decltype(&dnnl_sgemm)>(dlsym(RTLD_NEXT, "dnnl_sgemm"));
  chronograd::bench::in_library = true;
  const int status = library(op_a, op_b, rows, cols, inner, alpha, a, lda, b, ldb, beta, c, ldc);
  chronograd::bench::in_library = false;
  return status;
}
}
