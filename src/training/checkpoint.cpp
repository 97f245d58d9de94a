// SPDX-License-Identifier: Apache-2.0
#include "training/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/json_value.hpp"
#include "chronograd/error.hpp"
#include "chronograd/train.hpp"
#include "config/record.hpp"
#include "files/mapping.hpp"
#include "files/state_arrays.hpp"
#include "training/program_parts.hpp"
#include "training/share.hpp"

namespace chronograd {
namespace {

constexpr std::int64_t format = 3;  ///< of the file; another number is refused
constexpr std::chrono::duration<double> usual_distance{30};
constexpr double longest_share = 50;  ///< writing takes at most 1/50 of the time

constexpr const char* prefix = "update-";
constexpr const char* suffix = ".npz";
constexpr const char* plan_prefix = "plan/";

/// The number in `update-N.npz`, or -1.
std::int64_t update_of(const std::string& name) {
  const std::string_view text = name, begin = prefix, end = suffix;
  if (!text.starts_with(begin) || !text.ends_with(end)) return -1;
  const std::string_view digits = text.substr(begin.size(), text.size() - begin.size() - end.size());
  std::int64_t number = -1;
  const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return code == std::errc() && stop == digits.data() + digits.size() ? number : -1;
}

/// A text as the codes of its bytes: files of arrays hold numbers.
Array text_array(const std::string& text) {
  std::vector<std::int64_t> codes;
  for (const char c : text) codes.push_back(static_cast<unsigned char>(c));
  return Array::of({text.size()}, std::move(codes));
}

std::optional<std::int64_t> number_in(const Arrays& arrays, const std::string& name) {
  const auto entry = arrays.find(name);
  if (entry == arrays.end() || entry->second.i64.size() != 1) return std::nullopt;
  return entry->second.i64[0];
}

}  // namespace

std::string program_json() {
  Json json = Json::object();
  for (const ProgramPart& part : program_parts()) json[part.name] = part.value;
  return json.dump();
}

void write_origin(const Origin& origin, Arrays& arrays) {
  arrays.emplace("format", Array::of({}, std::vector<std::int64_t>{origin.format}));
  for (const PlanNumber& entry : origin.plan)
    arrays.emplace(plan_prefix + std::string(entry.name), Array::of({}, std::vector<std::int64_t>{entry.value}));
  arrays.emplace("program", text_array(program_json()));
  arrays.emplace("config", text_array(origin.config.resolved_json()));
}

bool is_origin(const std::string& name) {
  return name == "format" || name == "program" || name == "config" || name.starts_with(plan_prefix);
}

void require_same_origin(const Origin& origin, const Arrays& arrays, const std::string& path) {
  const auto text = [&](const std::string& name) -> std::string {
    const auto entry = arrays.find(name);
    if (entry == arrays.end() || entry->second.dtype != Dtype::i64)
      throw Error(Exit::data, path, "got no array " + name + ": this is no " + origin.what + ".");
    std::string bytes;
    for (const std::int64_t code : entry->second.i64) bytes += static_cast<char>(code);
    return bytes;
  };
  const std::string what = origin.what;
  const std::optional<std::int64_t> written = number_in(arrays, "format");
  if (written != origin.format)
    throw Error(Exit::data, path,
                "got " + (written ? "a " + what + " of format " + std::to_string(*written) : "no " + what) +
                    ", allowed is format " + std::to_string(origin.format) +
                    ". It was written by another version of the program, which can go on with it.");
  require_same_record(path, text("program"), program_json(), origin.program_hint);
  require_same_record(path, text("config"), origin.config.resolved_json(), origin.hint, may_change);
}

void require_same_plan(const Origin& origin, const Arrays& arrays, const std::string& path) {
  for (const PlanNumber& entry : origin.plan)
    if (const auto value = number_in(arrays, plan_prefix + std::string(entry.name)); value != entry.value)
      throw Error(Exit::usage, path,
                  std::string("got another ") + entry.name + ", " + std::to_string(entry.value) +
                      ", than the run was begun with, " + (value ? std::to_string(*value) : "none") + ". " +
                      origin.hint);
}

std::vector<std::int64_t> Checkpoints::updates() const {
  std::vector<std::int64_t> found;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failed))
    if (const std::int64_t update = update_of(entry.path().filename().string()); update >= 0) found.push_back(update);
  std::sort(found.rbegin(), found.rend());
  return found;
}

std::string Checkpoints::path_of(std::int64_t update) const {
  return folder_ + "/" + prefix + std::to_string(update) + suffix;
}

std::optional<Checkpoints::Found> Checkpoints::newest(Observer& observer) {
  for (const std::int64_t update : updates()) {
    try {
      Found found{path_of(update), read_npz(path_of(update))};
      previous_ = update;
      return found;
    } catch (const Error& error) {
      observer.remarked(std::string(error.what()) + " The checkpoint before it is used.");
    }
  }
  return std::nullopt;
}

int Checkpoints::outputs_of(const Found& found) {
  const auto outputs = found.arrays.find(plan_prefix + std::string("outputs"));
  if (outputs == found.arrays.end() || outputs->second.i64.size() != 1)
    throw Error(Exit::data, found.path, "does not say how many outputs its network has: this is no checkpoint.");
  return static_cast<int>(outputs->second.i64[0]);
}

void Checkpoints::write(std::int64_t update, const Arrays& arrays) {
  write_npz(path_of(update), arrays);
  if (update == previous_) return;  // it was replaced
  for (const std::int64_t old : updates()) {
    std::error_code ignored;  // one that stays does no harm
    if (old != update && old != previous_) std::filesystem::remove(path_of(old), ignored);
  }
  previous_ = update;
}

Checkpointer::Checkpointer(const RunOptions& options, const Config& config, std::vector<PlanNumber> plan,
                           Arrays mapping, const Share* share)
    : options_(options),
      config_(config),
      plan_(std::move(plan)),
      mapping_(std::move(mapping)),
      share_(share),
      checkpoints_(options.checkpoint),
      every_(config.table("train").integer("checkpoint_every")),
      next_(Clock::now() + std::chrono::duration_cast<Clock::duration>(usual_distance)) {}

bool Checkpointer::on() const {
  return !options_.checkpoint.empty();
}

Arrays Checkpointer::taken(const Visit& state) const {
  Arrays arrays = mapping_;
  write_origin(origin(), arrays);
  Saving saving(arrays);
  state(saving);
  return arrays;
}

void Checkpointer::write(std::int64_t updates, Arrays arrays) {
  const Clock::time_point start = Clock::now();
  // What a resumed run takes for written must be on the disk before the checkpoint that says so.
  Observer::or_none(options_.observer).saving();
  if (share_ != nullptr) share_->gather(arrays);
  if (share_ == nullptr || share_->writes()) checkpoints_.write(updates, arrays);
  const std::chrono::duration<double> spent = Clock::now() - start;
  next_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::max(usual_distance, longest_share * spent));
}

std::optional<Checkpoints::Found> Checkpointer::newest() {
  Observer& observer = Observer::or_none(options_.observer);
  if (share_ == nullptr) return checkpoints_.newest(observer);
  std::optional<Checkpoints::Found> found;
  if (share_->writes()) found = checkpoints_.newest(observer);
  if (!share_->as_first(found.has_value())) return std::nullopt;
  if (!found) found = {options_.checkpoint, {}};
  share_->scatter(found->arrays);
  return found;
}

bool Checkpointer::restore(const Visit& state) {
  if (!on() || !options_.resume) return false;
  std::optional<Checkpoints::Found> found = newest();
  if (!found) return false;
  require_same(*found);
  std::erase_if(found->arrays, [](const auto& item) { return is_origin(item.first) || is_mapping(item.first); });
  Restoring restoring(found->arrays, found->path);
  state(restoring);
  restoring.finish();
  return true;
}

Origin Checkpointer::origin() const {
  return {"checkpoint",
          format,
          config_,
          plan_,
          resume_hint,
          "Results depend on it. CHRONOGRAD_ISA sets the instruction set; a new run can begin from params.npz."};
}

void Checkpointer::require_same(const Checkpoints::Found& found) const {
  require_same_origin(origin(), found.arrays, found.path);
  if (!same_mapping(mapping_in(found.arrays), mapping_))
    throw Error(Exit::usage, found.path,
                std::string("got data that are mapped to inputs and targets in another way (scale, classes, alphabet) "
                            "than when the run was begun. ") +
                    resume_hint);
  require_same_plan(origin(), found.arrays, found.path);
}

}  // namespace chronograd
