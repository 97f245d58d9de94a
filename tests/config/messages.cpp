// SPDX-License-Identifier: Apache-2.0
// What users read when a configuration is wrong. One row a message.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "chronograd/config.hpp"
#include "chronograd/error.hpp"
#include "chronograd/version.hpp"

namespace chronograd {
namespace {

constexpr const char* good =
    "seed = 3\n"                               // 1
    "[model]\ncell = \"leaky\"\nhidden = 4\n"  // 2-4
    "[loss]\nname = \"mse\"\n"                 // 5-6
    "[rule]\nname = \"snap\"\nn = 2\n";        // 7-9

struct Case {
  const char* label;
  const char* text;  ///< added to the good text, or with '!' in front: the whole text
  std::vector<std::string> overrides;
  const char* message;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.label;
}

std::string message_of(const std::string& text, const std::vector<std::string>& overrides) {
  try {
    Config::parse(text, "exp.toml", overrides);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    return error.what();
  }
  return "(no error)";
}

class Messages : public testing::TestWithParam<Case> {};

TEST_P(Messages, AreClear) {
  const Case& c = GetParam();
  const std::string text = *c.text == '!' ? std::string(c.text + 1) : std::string(good) + c.text;
  EXPECT_EQ(message_of(text, c.overrides), c.message);
}

const Case cases[] = {
    // Unknown keys, tables and names.
    {"key_of_an_entry",
     "lamda = 1\n",
     {},
     "[exp.toml:10:1 rule.lamda] unknown key, did you mean rule.lambda? Allowed: name, preset, feedback, "
     "feedback_scale, feedback_decay, whiten, n, lambda."},
    {"indented_key",
     "  lamda = 1\n",
     {},
     "[exp.toml:10:3 rule.lamda] unknown key, did you mean rule.lambda? Allowed: name, preset, feedback, "
     "feedback_scale, feedback_decay, whiten, n, lambda."},
    {"key_of_another_entry",
     "",
     {"rule.name=rflo", "rule.L=3"},
     "[rule.L] rflo has no option L; tbptt, rolling_tbptt have. Allowed: name, preset, feedback, feedback_scale, "
     "feedback_decay, whiten."},
    {"key_of_one_other_entry",
     "",
     {"optimizer.mu=0.5"},
     "[optimizer.mu] sgd has no option mu; momentum has. Allowed: name, lr, l2, clip, clamp, schedule, decay, "
     "lr_final, "
     "warmup, "
     "horizon."},
    {"key_of_another_table",
     "",
     {"rule.epochs=3"},
     "[rule.epochs] unknown key, did you mean train.epochs? Allowed: name, preset, feedback, feedback_scale, "
     "feedback_decay, whiten, "
     "n, "
     "lambda."},
    {"key_like_nothing", "", {"zzzzzz=3"}, "[zzzzzz] unknown key. Allowed: version, seed, dtype, threads."},
    {"table",
     "[trian]\nepochs = 2\n",
     {},
     "[exp.toml:10:2 trian] unknown table, did you mean train? Allowed: model, net, readout, loss, "
     "regularise, rule, interface, update, optimizer, task, data, train, watch."},
    {"table_on_the_command_line",
     "",
     {"optim.lr=1"},
     "[optim] unknown table, did you mean optimizer? Allowed: model, net, readout, loss, "
     "regularise, rule, interface, update, optimizer, task, data, train, watch."},
    {"both_kinds_of_nets",
     "[net]\nwidths = [8]\n",
     {},
     "[exp.toml:2:2 model] got both [model] and [net], allowed is one of them: [model] is a recurrent net, which "
     "learns "
     "by a [rule], [net] a feed-forward one with an [interface] between groups of layers."},
    {"rule_of_a_feed_forward_net",
     "![net]\nwidths = [8]\n[rule]\nname = \"rflo\"\n",
     {},
     "[exp.toml:3:2 rule] got [rule] with [net], allowed with [model] alone. Example: name = \"dni\" under "
     "[interface]."},
    {"interface_of_a_recurrent_net",
     "",
     {"interface.name=guess"},
     "[interface] got [interface] without [net], allowed with it alone. Example: widths = [256, 256] under [net]."},
    {"interface_that_is_missing",
     "![net]\nwidths = [8]\n[loss]\nname = \"mse\"\n",
     {},
     "[exp.toml interface.name] is missing. Example: name = \"backprop\" under [interface]."},
    {"setting_of_a_recurrent_net",
     "![net]\nwidths = [8]\n[loss]\nname = \"mse\"\n[interface]\nname = \"guess\"\n[update]\nevery = 3\n",
     {},
     "[exp.toml:8:1 update.every] is a setting of recurrent nets, this experiment has a feed-forward one, [net]."},
    {"setting_of_a_feed_forward_net",
     "",
     {"update.drain_every=3"},
     "[update.drain_every] is a setting of feed-forward nets, this experiment has no [net]."},
    {"rule_name",
     "",
     {"rule.name=rflp"},
     "[rule.name] unknown name \"rflp\", did you mean rflo? Allowed: rflo, rtrl, tbptt, rolling_tbptt, snap, guess."},
    {"cell_name",
     "![model]\ncell = \"Leaky\"\nhidden = 2\n",
     {},
     "[exp.toml:2:8 model.cell] unknown name \"Leaky\", did you mean leaky? Allowed: leaky, gru."},
    {"feedback_name",
     "feedback = \"symetric\"\n",
     {},
     "[exp.toml:10:12 rule.feedback] unknown name \"symetric\", did you mean symmetric? Allowed: symmetric, random."},
    {"synthesiser_of_a_rule_without_one",
     "",
     {"rule.synthesiser=mlp"},
     "[rule.synthesiser] snap has no option synthesiser; guess has. Allowed: name, preset, feedback, feedback_scale, "
     "feedback_decay, whiten, n, lambda."},
    {"synthesiser_name",
     "",
     {"rule.name=guess", "rule.synthesiser=mpl"},
     "[rule.synthesiser] unknown name \"mpl\", did you mean mlp? Allowed: linear, mlp."},
    {"setting_of_another_synthesiser",
     "",
     {"rule.name=guess", "rule.sg_hidden=3"},
     "[rule.sg_hidden] linear has no option sg_hidden; mlp has. Allowed: name, preset, feedback, feedback_scale, "
     "feedback_decay, whiten, sg_lr, synthesiser."},
    {"table_in_table",
     "[rule.sub]\nx = 1\n",
     {},
     "[exp.toml:10:7 rule.sub] unknown key. Allowed: name, preset, feedback, feedback_scale, feedback_decay, whiten, "
     "n, lambda."},
    {"number_for_a_table", "", {"model=3"}, "[model] got 3, allowed is a table: [model] or model.key = value."},
    {"list_of_tables",
     "[[watch]]\nevery = 3\n",
     {},
     "[exp.toml:10:3 watch] got a list of lists or tables, allowed is a table: [watch] or watch.key = value."},
    {"table_for_a_number",
     "[dtype]\nx = 1\n",
     {},
     "[exp.toml:10:2 dtype] got a table, allowed is one of float32, float64."},

    // Types.
    {"word_for_a_number", "", {"optimizer.lr=fast"}, "[optimizer.lr] got the word \"fast\", allowed is a number >= 0."},
    {"flag_for_a_number", "", {"optimizer.lr=true"}, "[optimizer.lr] got true, allowed is a number >= 0."},
    {"list_for_a_number", "", {"optimizer.lr=[1, 2]"}, "[optimizer.lr] got a list of 2, allowed is a number >= 0."},
    {"date_for_a_number",
     "[optimizer]\nlr = 1979-05-27\n",
     {},
     "[exp.toml:11:6 optimizer.lr] got a date or time, allowed is a number >= 0."},
    {"fraction_for_an_integer",
     "",
     {"model.hidden=2.5"},
     "[model.hidden] got 2.5, allowed is a whole number in [1, 1000000] units."},
    {"float_for_an_integer",
     "",
     {"model.hidden=64.0"},
     "[model.hidden] got 64.0, allowed is a whole number in [1, 1000000] units. Write 64."},
    {"list_for_an_integer", "", {"seed=[1]"}, "[seed] got a list of 1, allowed is a whole number >= 0."},
    {"word_for_a_flag", "", {"train.shuffle=True"}, "[train.shuffle] got the word \"True\", allowed is true or false."},
    {"number_for_a_flag", "", {"train.shuffle=1"}, "[train.shuffle] got 1, allowed is true or false."},
    {"number_for_a_word",
     "[readout]\nactivation = 3\n",
     {},
     "[exp.toml:11:14 readout.activation] got 3, allowed is one of identity, tanh, sigmoid, relu, softplus, softmax."},
    {"empty_word", "", {"data.train=\"\""}, "[data.train] got an empty word, allowed is a word."},
    {"word_for_steps",
     "",
     {"update.every=trail"},
     "[update.every] got the word \"trail\", allowed is a whole number in [1, 1000000000] steps or \"trial\"."},
    {"word_in_numbers",
     "",
     {"model.alpha=[0.5,x]"},
     "[model.alpha] got the word \"x\", allowed is a number in (0, 1] or a list of such numbers."},
    {"empty_numbers",
     "",
     {"model.alpha=[]"},
     "[model.alpha] got a list of 0, allowed is a number in (0, 1] or a list of such numbers."},
    {"nested_list",
     "",
     {"model.alpha=[[0.5]]"},
     "[model.alpha] got a list of lists or tables, allowed is a number in (0, 1] or a list of such numbers."},
    {"number_in_words",
     "[watch]\nrules = [\"rtrl\", 3]\n",
     {},
     "[exp.toml:11:9 watch.rules] got 3, allowed is a list of words."},

    // Ranges and choices.
    {"below", "", {"model.hidden=0"}, "[model.hidden] got 0, allowed is a whole number in [1, 1000000] units."},
    {"above", "", {"rule.lambda=1.5"}, "[rule.lambda] got 1.5, allowed is a number in [0, 1]."},
    {"excluded", "", {"model.dt=0"}, "[model.dt] got 0, allowed is a number > 0 ms."},
    {"negative_seed", "", {"seed=-1"}, "[seed] got -1, allowed is a whole number >= 0."},
    {"seed_beyond_64_bits",
     "",
     {"seed=9223372036854775808"},
     "[seed] got the word \"9223372036854775808\", allowed is a whole number >= 0."},
    {"nan", "", {"optimizer.lr=nan"}, "[optimizer.lr] got nan, allowed is a number >= 0."},
    {"infinity", "", {"optimizer.lr=inf"}, "[optimizer.lr] got inf, allowed is a number >= 0."},
    {"one_of_a_list",
     "",
     {"model.alpha=[0.5,0.5,1.5,0.5]"},
     "[model.alpha] got 1.5, allowed is a number in (0, 1] or a list of such numbers."},
    {"steps_of_zero",
     "",
     {"update.every=0"},
     "[update.every] got 0, allowed is a whole number in [1, 1000000000] steps or \"trial\"."},
    {"choice",
     "",
     {"loss.normalize=men"},
     "[loss.normalize] got the word \"men\", allowed is one of mean, sum. Did you mean mean?"},
    {"number_or_word",
     "",
     {"model.density=from_zero"},
     "[model.density] got the word \"from_zero\", allowed is a number in (0, 1] or \"from_zeros\". Did you mean "
     "from_zeros?"},
    {"numbers_or_word",
     "",
     {"loss.class_weights=balance"},
     "[loss.class_weights] got the word \"balance\", allowed is a number >= 0, a list of such numbers or \"balanced\". "
     "Did you mean balanced?"},
    {"density_of_zero",
     "",
     {"model.density=0"},
     "[model.density] got 0, allowed is a number in (0, 1] or \"from_zeros\"."},
    {"list_of_wrong_length",
     "",
     {"model.alpha=[0.5, 0.6]"},
     "[model.alpha] got a list of 2 numbers, allowed is one number or a list of model.hidden = 4 numbers."},

    // What is missing and what excludes each other.
    {"no_model", "!", {}, "[exp.toml model.cell] is missing. Example: cell = \"leaky\" under [model]."},
    {"no_hidden",
     "![model]\ncell = \"gru\"\n",
     {},
     "[exp.toml model.hidden] is missing. Example: hidden = 64 under [model]."},
    {"no_rule",
     "![model]\ncell = \"gru\"\nhidden = 2\n[loss]\nname = \"mse\"\n",
     {},
     "[exp.toml rule.name] is missing. Example: name = \"rflo\" under [rule]."},
    {"no_task_name", "[task]\n", {}, "[exp.toml task.name] is missing. Example: name = \"add\" under [task]."},
    {"task_and_data",
     "[task]\nname = \"add\"\n[data]\ntrain = \"x.npz\"\n",
     {},
     "[exp.toml:12:2 data] got both [task] and [data], allowed is one of them."},
    {"updates_and_epochs",
     "[train]\nupdates = 5\nepochs = 2\n",
     {},
     "[exp.toml:11:1 train.updates] got both train.updates and train.epochs, allowed is one of them."},

    // Words of the command line.
    {"no_equals",
     "",
     {"rule.name"},
     "[command line] got \"rule.name\", allowed is key=value or table.key=value. Example: optimizer.lr=0.01."},
    {"no_key",
     "",
     {"=3"},
     "[command line] got \"=3\", allowed is key=value or table.key=value. Example: optimizer.lr=0.01."},
    {"three_parts",
     "",
     {"a.b.c=3"},
     "[command line] got \"a.b.c=3\", allowed is key=value or table.key=value. Example: optimizer.lr=0.01."},
    {"no_value", "", {"rule.n="}, "[rule.n] got nothing after the =, a value is needed."},
    {"control_characters",
     "",
     {"rule.name=a\n\x1b[31m"},
     "[rule.name] unknown name \"a??[31m\". Allowed: rflo, rtrl, tbptt, rolling_tbptt, snap, guess."},

    // Rules to watch.
    {"watch_unknown",
     "[watch]\nrules = [\"rtrl\", \"rfl\"]\n",
     {},
     "[exp.toml:11:9 watch.rules: rfl rule.name] unknown name \"rfl\", did you mean rflo? Allowed: rflo, rtrl, tbptt, "
     "rolling_tbptt, snap, guess."},
    {"watch_option",
     "",
     {"watch.rules=rtrl,tbptt(L=0)"},
     "[watch.rules: tbptt(L=0) rule.L] got 0, allowed is a whole number >= 1 steps."},
    {"watch_brackets",
     "",
     {"watch.rules=rtrl(,tbptt"},
     "[watch.rules] got \"rtrl(,tbptt\", a bracket ( is not closed."},
};

INSTANTIATE_TEST_SUITE_P(Config, Messages, testing::ValuesIn(cases), [](const testing::TestParamInfo<Case>& parameter) {
  return std::string(parameter.param.label);
});

TEST(ConfigMessages, OfANewerVersionNameBothVersions) {
  const std::string own = version();
  const std::string newer = "version = \"99.1\"\n" + std::string(good) + "mode = 3\n[telemetry]\non = true\n";
  EXPECT_EQ(message_of(newer, {}),
            "[exp.toml:1:11 version] got a configuration for chronograd 99.1, this is chronograd " + own +
                ". Use that version; without this line the file is read as far as this one understands it.");
  for (const std::string& word : {own, std::string("0.0.1"), std::string("0")})
    EXPECT_EQ(message_of(good, {"version=" + word}), "(no error)") << word;
  for (const char* word : {"new", "1.2.3.4", "1..2", "-1", "1.", "1.x", "99999999999999999999"})
    EXPECT_EQ(message_of(good, {std::string("version=") + word}),
              "[version] got \"" + std::string(word) + "\", allowed is the version of a program, as \"" + own + "\".");
  EXPECT_EQ(message_of("version = 0.1\n" + std::string(good), {}),
            "[exp.toml:1:11 version] got 0.1, allowed is a word.");
}

TEST(ConfigMessages, SyntaxErrorsHaveLineAndColumn) {
  EXPECT_THAT(message_of("[model]\ncell = = 3\n", {}), testing::StartsWith("[exp.toml:2:8] is not TOML: "));
  EXPECT_THAT(message_of("seed = 1\nseed = 2\n", {}),
              testing::AllOf(testing::StartsWith("[exp.toml:2:"), testing::HasSubstr("seed")));
  EXPECT_THAT(message_of("[model]\ncell = \"a\n", {}), testing::StartsWith("[exp.toml:2:"));
  EXPECT_THAT(message_of("x = \xff\xfe\n", {}), testing::StartsWith("[exp.toml:1:"));
  EXPECT_THAT(message_of("seed = 99999999999999999999\n", {}), testing::StartsWith("[exp.toml:1:"));
  for (const char* text : {"[model]\ncell = = 3\n", "x = \"a\nb\"\n", "x = {a = 1\n}"})
    EXPECT_THAT(message_of(text, {}), testing::Not(testing::HasSubstr("\n")));
}

TEST(ConfigMessages, DeepNestingIsRefused) {
  EXPECT_THAT(message_of("x = " + std::string(100000, '['), {}), testing::StartsWith("[exp.toml:1:"));
  EXPECT_THAT(message_of("", {"seed=" + std::string(100000, '[')}), testing::StartsWith("[seed] got the word"));
  EXPECT_THAT(message_of("", {"seed=" + std::string(50000, '[') + std::string(50000, ']')}),
              testing::HasSubstr("[seed] got a list of lists"));
}

TEST(ConfigMessages, UnreadableFilesAreDataErrors) {
  const std::string folder = testing::TempDir();
  for (const std::string& path : {folder + "absent/no.toml", folder}) {
    try {
      Config::read(path);
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::data);
      EXPECT_THAT(error.what(), testing::HasSubstr("cannot be read"));
    }
  }
}

TEST(ConfigMessages, NameTheFileThatWasRead) {
  const std::string path = testing::TempDir() + "chronograd_messages.toml";
  std::ofstream(path) << good << "m = 3\n";
  try {
    Config::read(path);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("[" + path + ":10:1 rule.m] unknown key"));
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace chronograd
