// SPDX-License-Identifier: Apache-2.0
// NumPy itself on the other side of the file.
#include <cmath>
#include <cstdlib>
#include <map>

#include "chronograd/array.hpp"
#include "files/files.hpp"

namespace chronograd {
namespace {

using ::testing::ElementsAre;

const std::string python = CHRONOGRAD_NUMPY_PYTHON;

/// Runs a program with the folder as its working folder; true if it ends well.
bool run(const Folder& folder, const std::string& program) {
  testing::put(folder / "program.py", program);
  return std::system(("cd '" + (folder / ".").string() + "' && '" + python + "' program.py").c_str()) == 0;
}

// Every type in both byte orders, C and Fortran order, views, 0 dimensions, nothing inside, all halves; what each is
// to be read as follows as NAME.want.
constexpr const char* writer = R"(
import numpy as np, zipfile
rng = np.random.default_rng(1)
a = {}
for t in ['f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'b1', 'f2']:
    for order in '<>':
        x = (rng.random((2, 3, 5)) * 100 - (0 if t[0] in 'ub' else 50)).astype(order + t)
        if t == 'b1': x = rng.random((2, 3, 5)) < 0.5
        n = t + ('big' if order == '>' else '')
        a[n] = x
        a[n + '_fortran'] = np.asfortranarray(x)
        a[n + '_view'] = x[::-1, :, ::2].T
        a[n + '_scalar'] = x[1, 2, 3].astype(x.dtype)
        a[n + '_none'] = x[:, :0]
a['halves'] = np.arange(65536, dtype='u2').view('f2')
a['limits'] = np.array([-2**63, 2**63 - 1])
a['tiny'] = np.array([5e-324, -0.0, np.inf, -np.inf, np.nan])
want = {}
for n, x in a.items():
    want[n + '.want'] = np.ascontiguousarray(x.astype('f8')).reshape(x.shape)
both = {**a, **want, 'text': 'word', 'objects': np.array([None, 1], object), 'complex': np.ones(3, complex),
        'records': np.zeros(2, [('a b', 'i4'), ('n', [('c', '>f4', (2, 3)), ('d', 'U5')])]),
        'aligned': np.zeros(2, np.dtype([('a', 'i1'), ('b', 'f8')], align=True)),
        'dates': np.array(['2026-11-29'], 'M8[D]'), 'long': np.ones(2, np.longdouble)}
np.savez('stored.npz', **both)
np.savez_compressed('deflated.npz', **both)
with zipfile.ZipFile('versions.npz', 'w') as z:
    for v in [(1, 0), (2, 0), (3, 0)]:
        with z.open('v%d.npy' % v[0], 'w', force_zip64=True) as f:
            np.lib.format.write_array(f, np.arange(6).reshape(2, 3), version=v)
)";

TEST(NumPy, ReadsWhatNumPyWrote) {
  if (python.empty()) GTEST_SKIP() << "python3-numpy is not installed";
  const Folder folder;
  ASSERT_TRUE(run(folder, writer));
  for (const char* file : {"stored.npz", "deflated.npz"}) {
    std::vector<std::string> skipped;
    const Arrays arrays = read_npz(folder / file, &skipped);
    EXPECT_THAT(skipped, ElementsAre("text", "objects", "complex", "records", "aligned", "dates", "long"));
    EXPECT_EQ(arrays.size(), 2U * (12 * 2 * 5 + 3));
    for (const auto& [name, array] : arrays) {
      if (name.find(".want") != std::string::npos) continue;
      SCOPED_TRACE(name);
      const Array& want = arrays.at(name + ".want");
      const char kind = name[0];
      if (name != "halves" && name != "limits" && name != "tiny") {
        const Dtype dtype = kind == 'b'                     ? Dtype::u8
                            : kind != 'f'                   ? Dtype::i64
                            : name.compare(0, 2, "f8") == 0 ? Dtype::f64
                                                            : Dtype::f32;
        EXPECT_EQ(array.dtype, dtype);
      }
      ASSERT_EQ(array.shape, want.shape);
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < array.size(); ++i) {
        const double x = array.at(i), y = want.at(i);
        wrong += !(x == y && std::signbit(x) == std::signbit(y)) && !(std::isnan(x) && std::isnan(y));
      }
      EXPECT_EQ(wrong, 0U);
    }
    EXPECT_EQ(arrays.at("limits").i64, (std::vector<std::int64_t>{INT64_MIN, INT64_MAX}));
  }
  const Arrays versions = read_npz(folder / "versions.npz");
  ASSERT_EQ(versions.size(), 3U);
  for (const auto& [name, array] : versions)
    EXPECT_EQ(array.i64, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5})) << name;
}

TEST(NumPy, NumPyReadsWhatWasWritten) {
  if (python.empty()) GTEST_SKIP() << "python3-numpy is not installed";
  const Folder folder;
  Arrays arrays;
  arrays["f"] = Array::of({2, 3}, std::vector<float>{0, 1, 2, 3, 4, 5});
  arrays["d"] = Array::of({}, std::vector<double>{0.1});
  arrays["i"] = Array::of({1, 2}, std::vector<std::int64_t>{INT64_MIN, INT64_MAX});
  arrays["none"] = Array::of({0, 7}, std::vector<float>{});
  arrays["cell/W_\xc3\xa9"] = Array::of({1}, std::vector<double>{4});
  arrays["u"].dtype = Dtype::u8;
  arrays["u"].shape = {2};
  arrays["u"].u8 = {0, 255};
  write_npz(folder / "a.npz", arrays);
  write_npz(folder / "empty.npz", {});
  EXPECT_TRUE(run(folder, R"(
import numpy as np, zipfile
a = np.load('a.npz', allow_pickle=False)
want = {'f': np.arange(6, dtype='f4').reshape(2, 3), 'd': np.array(0.1), 'i': np.array([[-2**63, 2**63 - 1]]),
        'none': np.zeros((0, 7), 'f4'), 'cell/W_\u00e9': np.array([4.0]), 'u': np.array([0, 255], 'u1')}
assert set(a.keys()) == set(want), list(a.keys())
for k, w in want.items():
    assert a[k].dtype == w.dtype and a[k].shape == w.shape and (a[k] == w).all(), k
z = zipfile.ZipFile('a.npz')
assert z.testzip() is None
assert all(i.compress_type == 0 and i.date_time == (1980, 1, 1, 0, 0, 0) for i in z.infolist())
assert list(np.load('empty.npz').keys()) == []
)"));
}

}  // namespace
}  // namespace chronograd
