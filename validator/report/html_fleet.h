// The table of all models in the HTML page, which sorts and filters.

#ifndef VALIDATOR_REPORT_HTML_FLEET_H_
#define VALIDATOR_REPORT_HTML_FLEET_H_

#include <cstddef>
#include <string>
#include <vector>

#include "validator/report/report.h"

namespace torchassay {

// Indexes into `report.models`, worst verdict first and otherwise as given.
std::vector<std::size_t> WorstFirst(const Report& report);

// A bar of all verdicts with its legend, a filter, and a row for each model in the order of `order`; "" for fewer
// than two models. Row i leads to the id AnchorOf(i).
std::string FleetTable(const Report& report, const std::vector<std::size_t>& order);

// The id of the section of `report.models[index]`.
std::string AnchorOf(std::size_t index);

// How many models ended so.
std::int64_t CountOf(const Report& report, ModelVerdict verdict);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_FLEET_H_
