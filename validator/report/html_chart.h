// Charts of the HTML page: errors by decade, and latencies. Each has its numbers beside it as text.

#ifndef VALIDATOR_REPORT_HTML_CHART_H_
#define VALIDATOR_REPORT_HTML_CHART_H_

#include <string>

#include "validator/report/report.h"

namespace torchassay {

// How many elements have an error of which decade, both axes logarithmic, as a table with bars. The decade that
// holds the absolute tolerance is named, and those above it are marked where the output failed.
std::string ErrorHistogram(const Comparison& comparison);

// The same as a line of small columns over one axis for all outputs of a page, from 1e-12 to 1e+03, equal
// elements before it and NaN or Inf after it. For the eye only: it has no text.
std::string ErrorSpark(const Comparison& comparison);

// How the measured calls are distributed, with the percentiles marked; "" without samples.
std::string LatencyChart(const Latency& latency);

}  // namespace torchassay

#endif  // VALIDATOR_REPORT_HTML_CHART_H_
