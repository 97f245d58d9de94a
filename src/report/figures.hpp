// SPDX-License-Identifier: Apache-2.0
// The figures of runs. Each takes groups of runs and gives figures as data (reporting/svg/figure.hpp); none where the
// runs do not have what it shows.
#pragma once

#include <string>
#include <vector>

#include "figures/figure.hpp"
#include "report/run_group.hpp"

namespace chronograd {

using Groups = std::vector<RunGroup>;

/// The unit of a run's loss: nats for cross_entropy and bce, "" else.
std::string loss_unit(const RunRecord& run);

/// A field of the lines against time: mean and 95 % interval over the seeds that did not diverge, each seed as a thin
/// line. With `watched`, runs beside other rules count too. Groups with unequal budgets are drawn to the one that all
/// have. On a logarithmic axis `y` the mean is the geometric one. Reports that have no number, or none that the axis
/// shows, are counted in the notes.
LineFigure curves_of(const Groups& groups, const std::string& field, bool watched, const Axis& y = {});
/// Losses, accuracies and the firing rate against time, those that were recorded.
std::vector<LineFigure> learning_curves(const Groups& groups);
/// Cosines with watched rules, then ratios of norms, one figure for each rule.
std::vector<LineFigure> alignment_curves(const Groups& groups);
/// The cosines for each parameter by itself.
std::vector<LineFigure> parameter_alignment_curves(const Groups& groups);
/// The cosine of each of several rules with each other over the whole run, one map for each rule that learns.
std::vector<HeatFigure> alignment_maps(const Groups& groups);
/// What each rule charges to the use of all weights at step s for the loss of step t (watch.credit), one figure for
/// each rule that learns; then for each parameter by itself.
std::vector<TriangleFigure> credit_maps(const Groups& groups);
std::vector<TriangleFigure> parameter_credit_maps(const Groups& groups);
/// The part of exact credit that each rule gives, by the steps between use and loss, one figure for each rule that
/// learns.
std::vector<LineFigure> credit_shares(const Groups& groups);
/// The angle between W_out and the feedback matrix.
std::vector<LineFigure> feedback_angles(const Groups& groups);
/// Of feed-forward nets: what passed at each interface, mean along the run, against the layer below it: how guesses lie
/// beside true gradients, how stale gradients were, how long they were waited for.
std::vector<LineFigure> interface_figures(const Groups& groups);
/// The cosines at each interface by itself, along the run.
std::vector<LineFigure> interface_curves(const Groups& groups);
/// Fields of objects in the lines that no other figure shows: what a later version records.
std::vector<LineFigure> further_curves(const Groups& groups);

/// Time a step, memory of the rule.
std::vector<BarFigure> cost_bars(const Groups& groups);
/// Final loss against time a step, and against the cosine with the exact gradient.
std::vector<LineFigure> pareto_figures(const Groups& groups);
/// Final loss by rule and swept setting; the best of each rule is framed.
std::vector<HeatFigure> sweep_maps(const Groups& groups);
/// `rule: the best value of the setting is the smallest that was tried`, for each rule whose best is at an end.
std::vector<std::string> sweep_edges(const Groups& groups);

/// Of one run's test: the share of each class's steps (rows) that was taken for which (columns).
std::vector<HeatFigure> confusion_maps(const RunRecord& run);

/// Of one run's sample (report/sample.hpp). Outputs against targets: lines for up to three outputs, else a map.
std::vector<LineFigure> output_lines(const RunRecord& run, const Look& look);
std::vector<HeatFigure> output_maps(const RunRecord& run);
/// Of networks that spike, one row of the sample: inputs, units and outputs one above the other; of three units each
/// the voltage with its threshold and spikes, the learning signal and a trace; how often units fire, beside their
/// target.
std::vector<PanelFigure> spike_rasters(const RunRecord& run);
std::vector<PanelFigure> voltage_figures(const RunRecord& run);
std::vector<LineFigure> firing_rates(const RunRecord& run);
/// Units against steps.
std::vector<HeatFigure> state_maps(const RunRecord& run);
/// The trajectories of some rows in the plane of their first two principal components.
std::vector<LineFigure> state_trajectories(const RunRecord& run);
/// Eigenvalues of the recurrent weights before and after training, one figure for each square block.
std::vector<LineFigure> spectra(const RunRecord& run, const Look& look);

}  // namespace chronograd
