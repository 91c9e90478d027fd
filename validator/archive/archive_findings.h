// The findings about an archive that could be read: damage, risks on loading, what the runtime lacks.

#ifndef VALIDATOR_ARCHIVE_ARCHIVE_FINDINGS_H_
#define VALIDATOR_ARCHIVE_ARCHIVE_FINDINGS_H_

#include <set>
#include <string>

#include "validator/archive/archive_summary.h"

namespace torchassay {

// Adds TA203 for each of `records` (relative names), with the tensors that lie in it.
void AddChecksumFindings(const std::set<std::string>& records, ArchiveSummary& archive);

// Adds TA207, TA208, TA209, TA210 and TA216 from what the archive already lists.
void AddRiskFindings(ArchiveSummary& archive);

// "PyTorch 2.1 or later": what the format version and the layout tell.
std::string DescribeProducer(const ArchiveSummary& archive);

}  // namespace torchassay

#endif  // VALIDATOR_ARCHIVE_ARCHIVE_FINDINGS_H_
