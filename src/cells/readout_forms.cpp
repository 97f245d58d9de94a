// SPDX-License-Identifier: Apache-2.0
// The loops of such a cell call those of the plain one, a stream at a time, and add what the H further states do: they
// follow from what the plain cell shows after the step, so a chain rule of two links is all there is to them.
#include "chronograd/readout_forms.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/sizes.hpp"
#include "chronograd/error.hpp"

namespace chronograd {
namespace {

/// The order of states: the plain cell's, the H further ones. What is carried without credit stands behind all.
struct ReadoutForm : CellRecord {
  std::shared_ptr<const CellRecord> plain;
  int read = 0;        ///< the first of the plain cell's H states that the further ones are made of
  bool sums = false;   ///< they are sums, each step with its weight; else filters
  bool aside = false;  ///< nobody reads them but who looks for them: the plain cell shows what it showed
  std::vector<float> decay_float = {};  ///< [2][d] how much filters keep and take of a step; empty: they are constants
  std::vector<double> decay_double = {};
};

const ReadoutForm& form_of(const CellRecord* record) {
  return static_cast<const ReadoutForm&>(*record);
}

/// Rows of d numbers of a cell's states after h, and of what it carries.
int more_of(const CellRecord& record) {
  return record.states - record.heads + record.carried;
}

template <class T>
const CellKernels<T>& loops_of(const CellRecord& record) {
  if constexpr (sizeof(T) == sizeof(float))
    return record.kernels_float;
  else
    return record.kernels_double;
}

/// Stream b of a step, for the plain cell's loops. `scratch` holds its rows of `hidden` where they do not lie together.
template <class T>
struct PlainStep {
  const ReadoutForm& form;
  const CellRecord& plain;
  CellArgs<T> args;
  T* after;  ///< the form's row of hidden_after

  PlainStep(const CellArgs<T>& a, int b)
      : form(form_of(a.record)), plain(*form.plain), args(a), after(a.hidden_after + area(b, more_of(form) * a.units)) {
    const int d = a.units, own = plain.states - plain.heads, all = more_of(plain);
    args.streams = 1;
    args.u += area(b, form.gates * d);
    args.z += area(b, a.ld);
    args.h += area(b, a.h_ld);
    args.tape += area(b, form.tape * d);
    if (a.weight) args.weight += b;
    args.record = &plain;
    args.hidden += area(b, more_of(form) * d);
    args.hidden_after = after;
    if (plain.carried == 0) return;
    T* before = a.scratch;
    std::copy_n(args.hidden, area(own, d), before);
    std::copy_n(args.hidden + area(own + plain.heads, d), area(plain.carried, d), before + area(own, d));
    args.hidden = before;
    args.hidden_after = before + area(all, d);
    args.scratch = args.hidden_after + area(all, d);
  }
  /// Puts the plain cell's new states where the form has them.
  void store() const {
    if (plain.carried == 0) return;
    const int d = args.units, own = plain.states - plain.heads;
    std::copy_n(args.hidden_after, area(own, d), after);
    std::copy_n(args.hidden_after + area(own, d), area(plain.carried, d), after + area(own + plain.heads, d));
  }
};

/// How the further states follow from those that are read: by `factor` (of unit i: factor[i]), and from themselves by
/// `keep` (null: 1).
template <class T>
struct Link {
  const T *factor, *keep;

  Link(const CellArgs<T>& a, int b) {
    const ReadoutForm& form = form_of(a.record);
    const int d = a.units;
    if (const T* own = own_decay(form)) {
      keep = own;
      factor = own + d;
      return;
    }
    factor = form.sums ? a.tape + area(b, form.tape * d) + area(form.tape - 1, d)
                       : a.constants + area(form.constant_count() - 1, d);
    keep = form.sums ? nullptr : a.constants + area(form.constant_count() - 2, d);
  }

 private:
  static const T* own_decay(const ReadoutForm& form) {
    if (!form.aside) return nullptr;
    if constexpr (sizeof(T) == sizeof(float))
      return form.decay_float.data();
    else
      return form.decay_double.data();
  }
};

template <class T>
void multiply(int n, const T* a, const T* x, T* y) {
  for (int i = 0; i < n; ++i) y[i] = a[i] * x[i];
}
template <class T>
void multiply_add(int n, const T* a, const T* x, T* y) {
  for (int i = 0; i < n; ++i) y[i] += a[i] * x[i];
}

template <class T>
void form_step(const CellArgs<T>& a) {
  for (int b = 0; b < a.streams; ++b) {
    const PlainStep<T> step(a, b);
    loops_of<T>(step.plain).step(step.args);
    step.store();
    const ReadoutForm& form = step.form;
    const int d = a.units, heads = form.heads, at = step.plain.states - heads;  // rows of `hidden`
    if (form.sums) std::fill_n(step.args.tape + area(form.tape - 1, d), d, a.weight[b]);
    const Link<T> link(a, b);
    const T* before = a.hidden + area(b, more_of(form) * d) + area(at, d);
    const T* read = form.read == 0 ? step.args.h : step.after + area(form.read - heads, d);
    T* to = step.after + area(at, d);
    if (link.keep)
      for (int v = 0; v < heads; ++v) multiply(d, link.keep, before + area(v, d), to + area(v, d));
    else
      std::copy_n(before, area(heads, d), to);
    for (int v = 0; v < heads; ++v) multiply_add(d, link.factor, read + area(v, d), to + area(v, d));
  }
}

template <class T>
void form_linearise(const CellArgs<T>& a, T* local_out, T* gain_out) {
  for (int b = 0; b < a.streams; ++b) {
    const PlainStep<T> step(a, b);
    const ReadoutForm& form = step.form;
    const int d = a.units, S = form.states, G = form.gates, H = form.heads, own = step.plain.states;
    T* local = local_out + area(b, S * S * d);
    T* gain = gain_out + area(b, S * G * d);
    loops_of<T>(step.plain).linearise(step.args, local, gain);
    for (int r = own - 1; r >= 0; --r) {  // from rows of the plain cell's length to the form's
      std::copy_backward(local + area(r * own, d), local + area((r + 1) * own, d), local + area(r * S + own, d));
      std::fill_n(local + area(r * S + own, d), area(H, d), T(0));
    }
    const Link<T> link(a, b);
    for (int v = 0; v < H; ++v) {
      T* row = local + area((own + v) * S, d);
      for (int s = 0; s < own; ++s)
        multiply(d, link.factor, local + area((form.read + v) * S + s, d), row + area(s, d));
      std::fill_n(row + area(own, d), area(H, d), T(0));
      if (link.keep)
        std::copy_n(link.keep, d, row + area(own + v, d));
      else
        std::fill_n(row + area(own + v, d), d, T(1));
      for (int g = 0; g < G; ++g)
        multiply(d, link.factor, gain + area((form.read + v) * G + g, d), gain + area((own + v) * G + g, d));
    }
  }
}

template <class T>
void form_pull(const CellArgs<T>& a, T* lambda_io, const T* q_in, T* du, T*) {
  for (int b = 0; b < a.streams; ++b) {
    PlainStep<T> step(a, b);
    const ReadoutForm& form = step.form;
    const int d = a.units, n = form.heads * d;
    const Link<T> link(a, b);
    const T* q = q_in + area(b, n);
    T* lambda = lambda_io ? lambda_io + area(b, a.state_ld) : nullptr;
    T* further = lambda ? lambda + area(step.plain.states, d) : nullptr;
    T* through = step.args.scratch;  // credit on what is read, by way of the further states
    step.args.scratch += n;
    const bool past = a.on_h || form.aside;  // q is on states of the plain cell
    if (!past && further)
      for (int i = 0; i < n; ++i) further[i] += q[i];
    const T* credit = further ? further : q;
    const bool any = further || !past;
    for (int v = 0; any && v < form.heads; ++v) multiply(d, link.factor, credit + area(v, d), through + area(v, d));
    if (further && link.keep)
      for (int v = 0; v < form.heads; ++v)
        for (int i = 0; i < d; ++i) further[area(v, d) + static_cast<std::size_t>(i)] *= link.keep[i];
    step.args.on_h = a.on_h || (!form.aside && form.read == 0);
    if (past && any) {  // both are credit on the plain cell's states, perhaps on other ones
      T* on = lambda + area(form.read, d);
      for (int i = 0; i < n; ++i) on[i] += through[i];
    }
    loops_of<T>(step.plain).pull(step.args, lambda, past ? q : through, du + area(b, a.row_ld), nullptr);
  }
}

template <class T>
void form_pull_many(const CellArgs<T>& a, const T* local, const T* gain, T* lambda_io, const T* q_in, T* du_out) {
  const ReadoutForm& form = form_of(a.record);
  const int d = a.units, S = form.states, G = form.gates, n = form.heads * d;
  T* total = a.scratch;
  for (int v = 0; v < a.streams; ++v) {
    T* lambda = lambda_io + area(v, a.state_ld);
    T* du = du_out + area(v, a.row_ld);
    const T* q = q_in + area(v, n);
    std::copy_n(lambda, area(S, d), total);
    T* on = total + area(a.on_h ? 0 : form.shown, d);
    for (int i = 0; i < n; ++i) on[i] += q[i];
    std::fill_n(du, area(G, d), T(0));
    std::fill_n(lambda, area(S, d), T(0));
    for (int r = 0; r < S; ++r) {
      for (int g = 0; g < G; ++g) multiply_add(d, gain + area(r * G + g, d), total + area(r, d), du + area(g, d));
      for (int s = 0; s < S; ++s) multiply_add(d, local + area(r * S + s, d), total + area(r, d), lambda + area(s, d));
    }
  }
}

template <class T>
void form_push(const CellArgs<T>& a, const T* local_in, const T* gain_in, const T* v_in, const T* w_in, T* jv_out) {
  const ReadoutForm& form = form_of(a.record);
  const int d = a.units, S = form.states, G = form.gates;
  for (int b = 0; b < a.streams; ++b) {
    const T* local = local_in + area(b, S * S * d);
    const T* gain = gain_in + area(b, S * G * d);
    const T* v = v_in + area(b, a.state_ld);
    const T* w = w_in + area(b, G * d);
    T* jv = jv_out + area(b, a.state_ld);
    std::fill_n(jv, area(S, d), T(0));
    for (int r = 0; r < S; ++r) {
      for (int s = 0; s < S; ++s) multiply_add(d, local + area(r * S + s, d), v + area(s, d), jv + area(r, d));
      for (int g = 0; g < G; ++g) multiply_add(d, gain + area(r * G + g, d), w + area(g, d), jv + area(r, d));
    }
  }
}

template <class T>
constexpr CellKernels<T> form_kernels = {form_step<T>, form_linearise<T>, form_pull<T>, form_pull_many<T>,
                                         form_push<T>};

void form_layout(const CellRecord& record, int units, int inputs, CellLayout& out) {
  const ReadoutForm& form = form_of(&record);
  const CellRecord& plain = *form.plain;
  plain.layout(plain, units, inputs, out);
  // Cell sees to the states that are shown.
  for (unsigned& moves : out.moves)
    for (int v = 0; form.aside && v < form.heads; ++v)
      if ((moves >> v & 1U) != 0) moves |= 1U << (plain.states + v);
}

void form_fill(const CellRecord& record, const Options& model, int units, double* constants) {
  const CellRecord& plain = *form_of(&record).plain;
  plain.fill(plain, model, units, constants);
}

/// What both have in common: H states more, with these names in data.
std::shared_ptr<ReadoutForm> with_states(const char* where, std::shared_ptr<const CellRecord> plain,
                                         const char* const (&names)[2]) {
  const int most = static_cast<int>(std::size(plain->further)) + 1, heads = plain->heads;
  if (plain->states + heads > most || heads > static_cast<int>(std::size(names)))
    throw Error(Exit::usage, where,
                "got the cell " + std::string(plain->entry.name) + " with " + std::to_string(plain->states) +
                    " states, " + std::to_string(heads) + " of them h, allowed with this setting are " +
                    std::to_string(most - heads) + ", and two that are h.");
  auto form = std::make_shared<ReadoutForm>(ReadoutForm{*plain, {}});
  for (int v = 0; v < heads; ++v) form->further[plain->states - 1 + v] = names[v];
  form->shown = plain->states;
  form->states += heads;
  form->layout = form_layout;
  if (plain->fill) form->fill = form_fill;
  form->kernels_float = form_kernels<float>;
  form->kernels_double = form_kernels<double>;
  const int copies = plain->carried == 0 ? 0 : 2 * more_of(*plain);
  form->scratch = std::max(copies + heads + plain->scratch, form->states);
  form->plain = std::move(plain);
  return form;
}

}  // namespace

std::shared_ptr<const CellRecord> filtered_cell(std::shared_ptr<const CellRecord> plain) {
  const int constants = plain->constant_count(), most = static_cast<int>(std::size(plain->constants));
  if (constants + 2 > most)
    throw Error(Exit::usage, "readout",
                "got the cell " + std::string(plain->entry.name) + " with " + std::to_string(constants) +
                    " constants, allowed with a filter of h are " + std::to_string(most - 2) + ".");
  const std::shared_ptr<ReadoutForm> form = with_states("readout", std::move(plain), {"f0", "f0_2"});
  form->constants[constants] = "kappa";
  form->constants[constants + 1] = "zeta_out";
  form->filter = form->shown;
  return form;
}

std::shared_ptr<const CellRecord> averaged_cell(std::shared_ptr<const CellRecord> plain) {
  const int read = plain->shown;
  const std::shared_ptr<ReadoutForm> form = with_states("readout", std::move(plain), {"", ""});
  form->read = read;
  form->tape += 1;
  form->weighted = form->sums = true;
  return form;
}

std::shared_ptr<const CellRecord> rated_cell(std::shared_ptr<const CellRecord> plain, double decay, int units) {
  const int shown = plain->shown;
  const std::shared_ptr<ReadoutForm> form = with_states("regularise.average", std::move(plain), {"", ""});
  form->shown = shown;
  form->aside = true;
  form->sums = false;
  const auto d = static_cast<std::size_t>(units);
  form->decay_double.assign(d, decay);
  form->decay_double.insert(form->decay_double.end(), d, 1 - decay);
  for (const double factor : form->decay_double) form->decay_float.push_back(static_cast<float>(factor));
  return form;
}

}  // namespace chronograd
