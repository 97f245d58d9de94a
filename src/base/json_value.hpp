// SPDX-License-Identifier: Apache-2.0
// A JSON value, with the names that nlohmann::ordered_json has for what this project uses of it. That library reads and
// writes the texts; it takes seconds to compile wherever it is included, so one file does that.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace chronograd {

/// A text that is no JSON, or a value of another kind than was asked for.
class JsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Json {
 public:
  /// Discarded: what came out of a text that is no JSON.
  enum class Kind { null, boolean, integer, unsigned_integer, real, string, array, object, discarded };

  Json(std::nullptr_t = nullptr) {}
  template <class T>
  requires std::is_arithmetic_v<T> Json(T value) {
    if constexpr (std::same_as<T, bool>) {
      kind_ = Kind::boolean;
      number_.boolean = value;
    } else if constexpr (std::is_floating_point_v<T>) {
      kind_ = Kind::real;
      number_.real = static_cast<double>(value);
    } else if constexpr (std::is_signed_v<T>) {
      kind_ = Kind::integer;
      number_.integer = static_cast<std::int64_t>(value);
    } else {
      kind_ = Kind::unsigned_integer;
      number_.natural = static_cast<std::uint64_t>(value);
    }
  }
  Json(const char* text) : Json(std::string(text)) {}
  Json(std::string text) : kind_(Kind::string), text_(std::move(text)) {}
  template <class T>
  Json(const std::vector<T>& values) : kind_(Kind::array) {
    for (const auto& value : values) values_.emplace_back(static_cast<const T&>(value));
  }
  /// An object if every element is an array of a string and another value, else an array.
  Json(std::initializer_list<Json> elements);
  static Json array(std::initializer_list<Json> elements = {});
  static Json object();

  /// The value of a text; discarded for a text that is no JSON.
  static Json read(std::string_view text);
  /// The same; throws JsonError for a text that is no JSON.
  static Json parse(std::string_view text);
  /// As text: on one line, or with so many blanks a level. What is no UTF-8 is replaced.
  std::string dump(int indent = -1) const;

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_boolean() const { return kind_ == Kind::boolean; }
  bool is_number_unsigned() const { return kind_ == Kind::unsigned_integer; }
  bool is_number_integer() const { return kind_ == Kind::integer || is_number_unsigned(); }
  bool is_number() const { return is_number_integer() || kind_ == Kind::real; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_object() const { return kind_ == Kind::object; }
  bool is_discarded() const { return kind_ == Kind::discarded; }

  /// bool, a number (a number of any kind is converted), std::string, or a vector of these; throws JsonError for a
  /// value of another kind.
  template <class T>
  T get() const {
    if constexpr (std::same_as<T, bool>) {
      return boolean();
    } else if constexpr (std::is_arithmetic_v<T>) {
      if (kind_ == Kind::integer) return static_cast<T>(number_.integer);
      if (kind_ == Kind::unsigned_integer) return static_cast<T>(number_.natural);
      return static_cast<T>(real());
    } else if constexpr (std::same_as<T, std::string>) {
      return text();
    } else {
      T values;
      for (const Json& element : elements()) values.push_back(element.get<typename T::value_type>());
      return values;
    }
  }

  /// Number of elements or members; of another value 1, of null 0.
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  /// Elements, or the values of members; another value is its own only element.
  const Json* begin() const { return has_parts() ? values_.data() : this; }
  const Json* end() const { return begin() + size(); }
  Json* begin() { return has_parts() ? values_.data() : this; }
  Json* end() { return begin() + size(); }

  /// The member of that name; end() if there is none, and for what is no object.
  const Json* find(const std::string& name) const;
  bool contains(const std::string& name) const { return find(name) != end(); }
  /// Throws JsonError where there is no such member, or this is no object.
  const Json& at(const std::string& name) const;
  const Json& operator[](const std::string& name) const { return at(name); }
  /// Makes the member (null) where there is none; null becomes an object. Throws JsonError for another value.
  Json& operator[](const std::string& name);
  /// The member's value, or `otherwise` where there is none; throws JsonError for what is no object.
  Json value(const std::string& name, const Json& otherwise) const;
  void erase(const std::string& name);
  /// Takes over all members of another object.
  void update(const Json& other);
  /// Null becomes an array. Throws JsonError for another value.
  void push_back(Json element);
  /// Puts an element before all others of an array.
  void prepend(Json element);

  /// A member, as `for (auto [name, value] : json.items())` sees it. Of an array the name is the index.
  template <class Value>
  struct Member {
    std::string name;
    Value& value;
  };
  template <class Value>
  struct Members {
    struct Iterator {
      Members members;
      std::size_t index;
      Member<Value> operator*() const { return {members.json.name(index), members.json.begin()[index]}; }
      Iterator& operator++() {
        ++index;
        return *this;
      }
      bool operator!=(const Iterator& other) const { return index != other.index; }
    };
    Value& json;
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, json.size()}; }
  };
  Members<const Json> items() const { return {*this}; }
  Members<Json> items() { return {*this}; }

  /// Numbers are equal by value, whatever their kind; members in their order.
  friend bool operator==(const Json& a, const Json& b);

 private:
  bool has_parts() const { return kind_ == Kind::array || kind_ == Kind::object; }
  bool boolean() const;
  double real() const;
  const std::string& text() const;
  const std::vector<Json>& elements() const;
  std::string name(std::size_t index) const;
  [[noreturn]] void refuse(const char* wanted) const;

  Kind kind_ = Kind::null;
  union {
    bool boolean;
    std::int64_t integer;
    std::uint64_t natural;
    double real;
  } number_ = {};
  std::string text_;
  std::vector<std::string> names_;  ///< of the members of an object
  std::vector<Json> values_;
};

}  // namespace chronograd
