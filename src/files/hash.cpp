// SPDX-License-Identifier: Apache-2.0
// libcrypto (libssl-dev) computes the hash: libzip is linked to it in Debian, so it is loaded with every .npz reader
// anyway and adds nothing at run time; nettle would be one more library, and its development package also brings GMP.
#include "files/hash.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <vector>

#include "base/set_up.hpp"
#include "chronograd/error.hpp"
#include "files/input_file.hpp"

namespace chronograd {

struct Sha256::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> of{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256(const std::string& where) : context_(std::make_unique<Context>()), where_(where) {
  require(context_->of != nullptr && EVP_DigestInit_ex(context_->of.get(), EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::require(bool good) const {
  if (!good) throw Error(Exit::data, where_, "its SHA-256 could not be computed: libcrypto reported a failure.");
}

void Sha256::add(std::string_view bytes) {
  require(EVP_DigestUpdate(context_->of.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256::text() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  require(EVP_DigestFinal_ex(context_->of.get(), digest.data(), &size) == 1 && size == 32);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest[i] >> 4U];
    text += "0123456789abcdef"[digest[i] & 15U];
  }
  return text;
}

std::string sha256_of_file(const std::string& path) {
  const InputFile file = open_input(path);
  Sha256 hash(path);
  std::vector<char> block(1U << 18U);
  std::error_code unknown;  // a file may go meanwhile; the share done is then not known
  const std::uintmax_t bytes = std::filesystem::file_size(path, unknown);
  std::uintmax_t done = 0;
  for (;;) {
    const std::size_t got = std::fread(block.data(), 1, block.size(), file.get());
    set_up_progress("hashing", path,
                    static_cast<double>(done += got) / static_cast<double>(std::max<std::uintmax_t>(1, bytes)));
    hash.add({block.data(), got});
    if (got < block.size()) break;
  }
  if (std::ferror(file.get()) != 0) throw Error(Exit::data, path, "it could not be read to its end.");
  return hash.text();
}

}  // namespace chronograd
