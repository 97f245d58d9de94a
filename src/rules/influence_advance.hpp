// SPDX-License-Identifier: Apache-2.0
// Influence matrices over a block of steps. M_t = J_t M_{t-1} + Mbar_t is linear in M, so over steps k0 ... k1 - 1,
// whatever weights each of them ran under,
//   M_exit = Phi M + sum_k (G_k D_k) (x) z_k,   G_{k-1} = G_k J_k,  G_last = I,  Phi = G before the first step,
// where the sum is one matrix product for each state. At once it is done in place, some columns of M at a time; by
// pieces it is written to a second matrix, while the first one can still be asked. Threads share either.
// A single step of one layer whose pre-activations are few beside its states is done without forming J (factored):
//   M <- A M + D (W_rec M_h + z),
// G d^2 multiplications a column in place of (S d)^2.
// In a stack the weights of a layer act on its own states and on those of all layers above.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <type_traits>
#include <vector>

#include "base/crew.hpp"
#include "base/sizes.hpp"
#include "chronograd/archive.hpp"
#include "chronograd/bf16.hpp"
#include "chronograd/stack.hpp"

namespace chronograd {

/// M is kept in numbers of the type Stored: T, or Bf16, where what is calculated is T all the same.
template <class T, class Stored = T>
class InfluenceAdvance {
 public:
  /// What products of step k are asked of.
  using Step = std::function<Layers<T>(int)>;
  /// Of each stream and layer: influence of the layer's weights on its own states and those above, [states][p].
  using Matrices = std::vector<Buffer<Stored>>;

  InfluenceAdvance(const Stack<T>& stack, int streams);
  void use(Crew* crew) { crew_ = crew; }

  /// All zero.
  Matrices matrices() const;
  /// grad += delta . M of stream b, delta [N S d].
  void row_product(const Matrices& m, int b, const T* delta, T* grad) const;
  /// Takes the memory that blocks of so many steps need, so that none of them does.
  void take_memory(int steps);

  /// M over steps [k0, k1), and grad += delta . M before them, delta [B][N S d] (null: none). `empty`: M is zero.
  void at_once(const Step& step, int k0, int k1, bool empty, Matrices& m, const T* delta, T* grad);

  /// Blocks of `steps` will be done by pieces.
  void by_pieces(int steps);
  /// Such a block begins.
  void begin() {
    done_ = 0;
    work_done_ = 0;
  }
  /// Goes on with it, from `m` to `next`, until `steps` of its steps are worth no more work than has been done; all of
  /// it is done with all of them. What a piece counts for depends on sizes alone. The block's first step is k0.
  void go_on(const Step& step, int k0, bool empty, const Matrices& m, Matrices& next, int steps);
  /// What there is of a block that is not done, but for the matrices.
  void state(Archive& archive);

 private:
  static constexpr bool as_is = std::is_same_v<Stored, T>;  ///< M is calculated with where it lies
  /// Of one stream: a step that G goes back through, columns of M, or a row of the sum.
  struct Piece {
    enum Kind { pull, columns, row } kind;
    int layer, at, count;
    double work;  ///< multiply-adds
  };

  int first(int l) const { return l * stack_.states() * stack_.units(); }  ///< state that the weights of layer l act on
  int states(int l) const { return width_ - first(l); }                    ///< how many follow, it included
  int parameters(int l) const { return static_cast<int>(stack_.layer(l).parameters()); }
  std::size_t place(int b, int l) const { return area(b, stack_.layers()) + static_cast<std::size_t>(l); }
  bool one_layer() const { return stack_.layers() == 1; }
  /// Where there is one layer the immediate influence of the last step has one row a weight, and is added by itself.
  int summed(int steps) const { return one_layer() ? steps - 1 : steps; }
  /// Numbers in `coefficients_` of a block.
  std::size_t factors(int steps) const { return area(width_, summed(steps)) * static_cast<std::size_t>(stack_.rows()); }
  static double work_of(std::span<const Piece> pieces);
  /// The columns of layer l, so many in a piece, as pieces: how many, and the i-th.
  int pieces_of(int l, int columns) const { return (parameters(l) + columns - 1) / columns; }
  Piece columns_of(int l, int columns, int i) const;

  void ask(const Stored* m, const Piece& piece, const T* delta, T* grad) const;
  void set_gains(Layers<T> layers, int k);
  void start();
  void pull(Layers<T> layers, int k, int b, int j, int steps);
  void join();
  void carry(const Segment<T>& segment, int b, int k, const Piece& piece, bool carried, const Matrices& m,
             Matrices& next, const T* delta, T* grad);
  void take_step(const Step& step, int k, bool empty, std::vector<Buffer<T>>& m, const T* delta, T* grad);
  void step_columns(const Segment<T>& segment, int b, const Piece& piece, T* m) const;
  void add_immediate(const Segment<T>& segment, int b, int k, const Piece& piece, T* m, int ld) const;
  void add_row(Layers<T> layers, int k0, int steps, int b, int i, Matrices& next) const;
  void run(const Step& step, int k0, int b, std::span<const Piece> pieces, double work, bool empty, const Matrices& m,
           Matrices& next);

  const Stack<T>& stack_;
  Crew* crew_ = nullptr;
  int streams_, width_;  ///< B, N S d
  bool factored_;        ///< single steps are done without J
  Buffer<T> g_, q_, du_, coefficients_, local_, gain_;
  int steps_ = 0;              ///< of a block that is done by pieces
  std::vector<Piece> pieces_;  ///< of one of its streams
  std::int64_t done_ = 0;      ///< of all streams
  double work_done_ = 0;
};

}  // namespace chronograd
