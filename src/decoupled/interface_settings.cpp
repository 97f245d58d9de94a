// SPDX-License-Identifier: Apache-2.0
#include "decoupled/interface_settings.hpp"

#include <string>

#include "chronograd/error.hpp"

namespace chronograd {

InterfaceSettings::InterfaceSettings(const Config& config)
    : record(find_record<InterfaceRecord>("interface.name", config.table("interface").word("name"))),
      options(config.table("interface")),
      lag(options.integer("lag")),
      arrival(options.word("order") == "arrival"),
      true_every(options.integer("true_every")),
      warmup(options.integer("warmup")),
      update_probability(options.number("update_probability")),
      fallback(options.flag("fallback")),
      unlocked(options.word("unlock") == "full") {
  const std::string name = record.entry.name;
  if (lag > 0 && !record.lags)
    throw Error(Exit::usage, "interface.lag",
                "got " + std::to_string(lag) + " with the interface " + name +
                    ", allowed is 0: no gradient is used later. delayed, fdg and dni take a lag.");
  if (!record.listens || !record.guesses)
    for (const auto& [key, value] : {std::pair("true_every", true_every), {"warmup", warmup}})
      if (value > 0)
        throw Error(Exit::usage, std::string("interface.") + key,
                    "got " + std::to_string(value) + " with the interface " + name +
                        ", allowed is 0: it has no guesses that the true gradient could stand in for. dni has.");
  if (update_probability < 1 && !record.guesses)
    throw Error(Exit::usage, "interface.update_probability",
                "got a number below 1 with the interface " + name +
                    ", allowed is 1: it has no guesses to learn from or not. dni and local have.");
  if (fallback && !(record.listens && record.guesses))
    throw Error(Exit::usage, "interface.fallback",
                "got true with the interface " + name +
                    ", allowed is false: it has no guesses beside a gradient from above. dni has.");
  if (unlocked && !has_option(record.entry, "synthesiser"))
    throw Error(Exit::usage, "interface.unlock",
                "got full with the interface " + name + ", allowed is none: it has no synthesiser. dni has one.");
  if (has_option(record.entry, "lambda")) lambda = options.number("lambda");
  if (has_option(record.entry, "correct")) correct = options.number("correct");
  if (has_option(record.entry, "beta")) beta = options.number("beta");
}

}  // namespace chronograd
