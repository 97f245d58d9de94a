// SPDX-License-Identifier: Apache-2.0
#include "math/large_products.hpp"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>

#include <string>

#include "chronograd/isa.hpp"

namespace chronograd {

namespace {

/// The calls of whichever OpenMP runtime oneDNN is bound to. They are looked up rather than linked: the compiler at
/// hand may come with another runtime, and limiting that one would not limit oneDNN.
struct OpenMp {
  int (*threads)() = nullptr;
  void (*set_threads)(int) = nullptr;
};

OpenMp find_openmp() {
  OpenMp calls;
  calls.threads = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
  calls.set_threads = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  return calls;
}

const OpenMp& openmp() {
  static const OpenMp calls = find_openmp();
  return calls;
}

/// One OpenMP thread for the calls of this thread, until the end of the scope; no pool is started.
class OneThread {
 public:
  OneThread() : before_(openmp().threads()) { openmp().set_threads(1); }
  ~OneThread() { openmp().set_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

/// Whether oneDNN may be used; tells it on the first call not to go beyond the active instruction set.
bool ready() {
  static const bool usable = [] {
    if (active_isa() == Isa::baseline || !openmp().threads || !openmp().set_threads) return false;
    // Refused once oneDNN has been used in this process; then it must not be used by us for a lower set.
    return active_isa() != Isa::avx2 || dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2) == dnnl_success;
  }();
  return usable;
}

}  // namespace

bool large_product(Op op_a, Op op_b, int rows, int cols, int inner, const float* a, int lda, const float* b, int ldb,
                   float beta, float* c, int ldc) {
  if (!ready()) return false;
  const OneThread guard;
  return dnnl_sgemm(op_a == Op::transposed ? 'T' : 'N', op_b == Op::transposed ? 'T' : 'N', rows, cols, inner, 1.0f, a,
                    lda, b, ldb, beta, c, ldc) == dnnl_success;
}

const char* large_products_library() {
  static const std::string text = [] {
    const dnnl_version_t* v = dnnl_version();
    return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
  }();
  return text.c_str();
}

}  // namespace chronograd
