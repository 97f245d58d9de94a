// SPDX-License-Identifier: Apache-2.0
// Each cell once more, in the operators of ONNX. Products with inputs stand before the loop over steps, those with the
// state inside of it.
#include "exports/onnx_cells.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "base/text.hpp"
#include "chronograd/error.hpp"
#include "chronograd/readout_forms.hpp"

namespace chronograd {
namespace {

using Numbers = std::vector<double>;

Activation activation_of(const OnnxLayer& layer) {
  return static_cast<Activation>(activation_variant(layer.model()));
}

template <class Function>
Numbers each(Numbers numbers, const Function& function) {
  std::transform(numbers.begin(), numbers.end(), numbers.begin(), function);
  return numbers;
}

/// alpha of each unit, as it was set or learnt.
Numbers rates(const OnnxLayer& layer) {
  if (layer.has("alpha_logit"))
    return each(layer.values("alpha_logit"), [](double logit) { return 1 / (1 + std::exp(-logit)); });
  Numbers alpha(static_cast<std::size_t>(layer.units()));
  update_rates(layer.record(), layer.model(), layer.units(), alpha.data());
  return alpha;
}

/// h = (1 - alpha) h_prev + alpha f(u), u from what the inputs give and, by `recurrent`, from h_prev.
template <class Recurrent>
std::string leaky_loop(OnnxLayer& layer, const Recurrent& recurrent) {
  const std::string drive = layer.project("W_in", "b_h");
  const Numbers alpha = rates(layer);
  const std::string gain = layer.vector("alpha", alpha),
                    keep = layer.vector("one_minus_alpha", each(alpha, [](double a) { return 1 - a; }));
  return layer.scan({"h0"}, {drive}, {layer.units(), layer.units()}, [&](OnnxStep& step) {
    OnnxGraph& body = step.body;
    const std::string u = body.sum(step.drive[0], recurrent(body, step.state[0]));
    const std::string f = onnx_activation(body, activation_of(layer), u);
    const std::string h = body.sum(body.product(keep, step.state[0]), body.product(gain, f));
    step.next = {h};
    step.shown = h;
  });
}

std::string leaky(OnnxLayer& layer) {
  const std::string W_rec = layer.matrix("W_rec");
  return leaky_loop(layer, [&](OnnxGraph& body, const std::string& h) { return body.node("MatMul", {h, W_rec}); });
}

std::string leaky_diagonal(OnnxLayer& layer) {
  const std::string w = layer.vector("W_rec");
  return leaky_loop(layer, [&](OnnxGraph& body, const std::string& h) { return body.product(h, w); });
}

/// So many equal parts of what stands in a row: gates in the order of files, or the numbers h of a unit.
std::vector<std::string> parts(OnnxGraph& graph, const std::string& all, int count) {
  return graph.nodes("Split", {all}, count, {OnnxGraph::attribute("axis", -1)});
}

std::string gru(OnnxLayer& layer) {
  if (!layer.graph().doubles())
    return layer.operation("GRU", {1, 0, 2}, {"h0"}, {OnnxGraph::attribute("linear_before_reset", 1)});
  const int d = layer.units();
  const std::string drive = layer.project("weight_ih_l0", "bias_ih_l0"), W = layer.matrix("weight_hh_l0"),
                    b = layer.vector("bias_hh_l0");
  return layer.scan({"h0"}, {drive}, {d, 3 * d}, [&](OnnxStep& step) {
    OnnxGraph& body = step.body;
    const std::string& h = step.state[0];
    const auto x = parts(body, step.drive[0], 3), own = parts(body, body.sum(body.node("MatMul", {h, W}), b), 3);
    const std::string r = body.node("Sigmoid", {body.sum(x[0], own[0])});
    const std::string z = body.node("Sigmoid", {body.sum(x[1], own[1])});
    const std::string a = body.node("Tanh", {body.sum(x[2], body.product(r, own[2]))});
    step.next = {body.sum(a, body.product(z, body.difference(h, a)))};
    step.shown = step.next[0];
  });
}

std::string lstm(OnnxLayer& layer) {
  if (!layer.graph().doubles()) return layer.operation("LSTM", {0, 3, 1, 2}, {"h0", "c0"});
  const int d = layer.units();
  const std::string drive = layer.project("weight_ih_l0", "bias_ih_l0"), W = layer.matrix("weight_hh_l0"),
                    b = layer.vector("bias_hh_l0");
  return layer.scan({"h0", "c0"}, {drive}, {d, 4 * d}, [&](OnnxStep& step) {
    OnnxGraph& body = step.body;
    const std::string own = body.sum(body.node("MatMul", {step.state[0], W}), b);
    const auto u = parts(body, body.sum(step.drive[0], own), 4);
    const std::string i = body.node("Sigmoid", {u[0]}), f = body.node("Sigmoid", {u[1]}), g = body.node("Tanh", {u[2]}),
                      o = body.node("Sigmoid", {u[3]});
    const std::string c = body.sum(body.product(f, step.state[1]), body.product(i, g));
    step.shown = body.product(o, body.node("Tanh", {c}));
    step.next = {step.shown, c};
  });
}

std::string elstm(OnnxLayer& layer) {
  const std::vector<std::string> drives = {layer.project("W_z", "b_z"), layer.project("W_f", "b_f"),
                                           layer.project("W_o", "b_o")};
  const std::string w_z = layer.vector("w_z"), w_f = layer.vector("w_f"), w_o = layer.vector("w_o");
  return layer.scan({"c0"}, drives, {layer.units(), layer.units()}, [&](OnnxStep& step) {
    OnnxGraph& body = step.body;
    const std::string& before = step.state[0];
    const std::string z = body.node("Tanh", {body.sum(step.drive[0], body.product(w_z, before))});
    const std::string f = body.node("Sigmoid", {body.sum(step.drive[1], body.product(w_f, before))});
    const std::string c = body.sum(z, body.product(f, body.difference(before, z)));
    const std::string o = body.node("Sigmoid", {body.sum(step.drive[2], body.product(w_o, c))});
    step.next = {c};
    step.shown = body.product(o, c);
  });
}

/// |lambda| = exp(-exp(nu_log)), and gamma = sqrt(1 - |lambda|^2).
Numbers magnitudes(const Numbers& nu_log) {
  return each(nu_log, [](double nu) { return std::exp(-std::exp(nu)); });
}
Numbers gammas(const Numbers& nu_log) {
  return each(nu_log, [](double nu) { return std::sqrt(-std::expm1(-2 * std::exp(nu))); });
}

std::string lru_real(OnnxLayer& layer) {
  const Numbers nu_log = layer.values("nu_log");
  const std::string lambda = layer.vector("lambda", magnitudes(nu_log));
  const std::string drive = layer.graph().product(layer.project("B", "b"), layer.vector("gamma", gammas(nu_log)));
  return layer.scan({"s0"}, {drive}, {layer.units(), layer.units()}, [&](OnnxStep& step) {
    step.next = {step.body.sum(step.body.product(lambda, step.state[0]), step.drive[0])};
    step.shown = onnx_activation(step.body, activation_of(layer), step.next[0]);
  });
}

/// What a complex state is made of: its two parts in data, how it turns, and what drives it.
struct Turning {
  std::vector<std::string> states;
  const char *nu_log, *theta_log;
  std::array<const char*, 2> weights, biases;
};

/// The loop of a complex state s = lambda s_prev + gamma (W x + b). `show` gets both parts and sets the rest.
template <class Show>
std::string turning_loop(OnnxLayer& layer, const Turning& turning, const Show& show) {
  const Numbers nu_log = layer.values(turning.nu_log), theta_log = layer.values(turning.theta_log);
  const Numbers magnitude = magnitudes(nu_log);
  Numbers real(magnitude), imaginary(magnitude);
  for (std::size_t i = 0; i < magnitude.size(); ++i) {
    real[i] *= std::cos(std::exp(theta_log[i]));
    imaginary[i] *= std::sin(std::exp(theta_log[i]));
  }
  const std::string re = layer.vector("lambda_re", real), im = layer.vector("lambda_im", imaginary);
  const std::string gamma = layer.vector("gamma", gammas(nu_log));
  std::vector<std::string> drives;
  for (std::size_t v = 0; v < 2; ++v)
    drives.push_back(layer.graph().product(layer.project(turning.weights[v], turning.biases[v]), gamma));
  return layer.scan(turning.states, drives, {layer.units(), layer.units()}, [&](OnnxStep& step) {
    OnnxGraph& body = step.body;
    const std::string &s_re = step.state[0], &s_im = step.state[1];
    const std::string turned_re = body.difference(body.product(re, s_re), body.product(im, s_im));
    const std::string turned_im = body.sum(body.product(re, s_im), body.product(im, s_re));
    show(step, body.sum(turned_re, step.drive[0]), body.sum(turned_im, step.drive[1]));
  });
}

std::string lru(OnnxLayer& layer) {
  const Turning turning = {{"s_re0", "s_im0"}, "nu_log", "theta_log", {"B_re", "B_im"}, {"b_re", "b_im"}};
  return turning_loop(layer, turning, [&](OnnxStep& step, const std::string& real, const std::string& imaginary) {
    step.next = {real, imaginary};
    step.shown = onnx_activation(step.body, activation_of(layer), real);
  });
}

std::string rtu(OnnxLayer& layer) {
  const bool inside = layer.model().word("activation_at") == "state";
  const Turning turning = {{"s0", "s0_2"}, "w_r", "w_th", {"W_1", "W_2"}, {"", ""}};
  return turning_loop(layer, turning, [&](OnnxStep& step, const std::string& real, const std::string& imaginary) {
    const std::string first = onnx_activation(step.body, activation_of(layer), real),
                      second = onnx_activation(step.body, activation_of(layer), imaginary);
    step.next = inside ? std::vector{first, second} : std::vector{real, imaginary};
    step.shown = step.body.node("Concat", {first, second}, {OnnxGraph::attribute("axis", -1)});
  });
}

/// A spike falls where v is above the threshold and the unit is free. Units that are silent for n_ref steps have one
/// more state, r0: for how many steps to come, and the one at hand.
std::string alif(OnnxLayer& layer) {
  const auto d = static_cast<std::size_t>(layer.units());
  const CellRecord& record = layer.record();
  Numbers constants(static_cast<std::size_t>(record.constant_count()) * d);
  record.fill(record, layer.model(), layer.units(), constants.data());
  const auto constant = [&](const std::string& name) {
    std::size_t k = 0;
    while (record.constants[k] != name) ++k;
    return Numbers(constants.begin() + static_cast<std::ptrdiff_t>(k * d),
                   constants.begin() + static_cast<std::ptrdiff_t>((k + 1) * d));
  };
  const Numbers n_ref = constant("n_ref");
  const bool silent = *std::max_element(n_ref.begin(), n_ref.end()) > 1;
  const bool all = layer.model().word("reset") == "zero", with_v = all || layer.model().word("reset_at") == "step";
  const std::string drive = layer.project("W_in", ""), W_rec = layer.matrix("W_rec"),
                    alpha = layer.vector("alpha", constant("decay_v")), rho = layer.vector("rho", constant("decay_a")),
                    beta = layer.vector("beta", constant("beta")), v_th = layer.vector("v_th", constant("v_th")),
                    zeta = layer.vector("zeta", constant("zeta")), zero = layer.vector("zero", {0});
  std::vector<std::string> states = {"h0", "v0", "a0"};
  std::string one, pause;
  if (silent) {
    states.emplace_back("r0");
    one = layer.vector("one", {1});
    pause = layer.vector("n_ref", n_ref);
  }
  return layer.scan(states, {drive}, {layer.units(), layer.units()}, [&](OnnxStep& step) {
    OnnxGraph& body = step.body;
    const std::string &h = step.state[0], &v_before = step.state[1], &a = step.state[2];
    const auto above_zero = [&](const std::string& value) {
      constexpr std::int64_t single = 1, twice = 11;
      return body.node("Cast", {body.node("Greater", {value, zero})},
                       {OnnxGraph::attribute("to", body.doubles() ? twice : single)});
    };
    const std::string u = body.sum(step.drive[0], body.node("MatMul", {h, W_rec}));
    const std::string reset = all ? v_before : v_th, taken = with_v ? body.product(alpha, reset) : reset;
    const std::string v =
        body.difference(body.sum(body.product(alpha, v_before), body.product(zeta, u)), body.product(taken, h));
    step.shown = above_zero(body.difference(body.difference(v, v_th), body.product(beta, a)));
    std::string left;
    if (silent) {
      left = body.node("Max", {body.difference(step.state[3], one), zero});
      step.shown = body.product(step.shown, body.difference(one, above_zero(left)));
    }
    step.next = {step.shown, v, body.sum(body.product(rho, a), step.shown)};
    if (silent) step.next.push_back(body.sum(left, body.product(pause, step.shown)));
  });
}

struct WrittenCell {
  const char* name;
  std::string (*write)(OnnxLayer& layer);
};

constexpr WrittenCell cells[] = {
    {"leaky", leaky}, {"gru", gru},           {"lstm", lstm}, {"leaky_diagonal", leaky_diagonal},
    {"lru", lru},     {"lru_real", lru_real}, {"rtu", rtu},   {"elstm", elstm},
    {"alif", alif}};

}  // namespace

std::string write_onnx_cell(OnnxLayer& layer) {
  const std::string name = layer.record().entry.name;
  std::vector<std::string> names;
  for (const WrittenCell& cell : cells) {
    if (name == cell.name) return cell.write(layer);
    names.emplace_back(cell.name);
  }
  throw Error(Exit::usage, "chronograd export --to onnx",
              "got the cell " + name + ", allowed are " + joined(names) + ".");
}

std::string write_onnx_filter(OnnxLayer& layer, const std::string& shown) {
  const int heads = layer.record().heads, d = layer.units();
  const std::string kappa = layer.vector("kappa", {layer.model().number(key_kappa)}),
                    zeta = layer.vector("zeta_out", {layer.model().number(key_zeta_out)});
  std::vector<std::string> states = {"f0", "f0_2"};
  states.resize(static_cast<std::size_t>(heads));
  return layer.scan(states, {shown}, {d, heads * d}, [&](OnnxStep& step) {
    OnnxGraph& body = step.body;
    const auto h = parts(body, step.drive[0], heads);
    for (std::size_t v = 0; v < states.size(); ++v)
      step.next.push_back(body.sum(body.product(kappa, step.state[v]), body.product(zeta, h[v])));
    step.shown = body.node("Concat", step.next, {OnnxGraph::attribute("axis", -1)});
  });
}

}  // namespace chronograd
