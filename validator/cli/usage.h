// What a wrong command line is answered with: what was expected, and the nearest right word.

#ifndef VALIDATOR_CLI_USAGE_H_
#define VALIDATOR_CLI_USAGE_H_

#include <CLI/CLI.hpp>
#include <span>
#include <string>

#include "validator/base/status.h"

namespace torchassay {

// Looks for commands and options that `app` does not have, before it parses: CLI11 would complain
// about something that is missing first. kUsage, with a suggestion where a name is near:
//
//   error: unknown option `--tolerence` of `compare`
//    = help: did you mean `--rtol`?
Status CheckWords(const CLI::App& app, std::span<const std::string> arguments);

// CLI11's complaint in our words.
Status UsageStatus(const CLI::App& app, const CLI::ParseError& error);

// Validators whose complaints name what was expected.
CLI::Validator NotNegative();  // a finite number, 0 or more
CLI::Validator AtLeastOne();   // an integer, 1 or more
CLI::Validator Seed();         // an integer from 0 on that 64 bits with a sign can hold
CLI::Validator ThreadCount();  // an integer, 1 to 1024

// "512M", "2GiB", "1000000": bytes. kUsage for anything else.
Result<std::int64_t> ParseBytes(const std::string& text);

}  // namespace torchassay

#endif  // VALIDATOR_CLI_USAGE_H_
