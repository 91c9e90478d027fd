// Jobs and their results as JSON, as they cross the wire.

#ifndef VALIDATOR_WIRE_JOB_JSON_H_
#define VALIDATOR_WIRE_JOB_JSON_H_

#include "validator/base/json.h"
#include "validator/wire/job.h"

namespace torchassay {

Json EncodeJob(const Job& job);
// The inverse. Complains through the node's document.
Job DecodeJob(const JsonNode& node);

Json EncodeJobResult(const JobResult& result);
JobResult DecodeJobResult(const JsonNode& node);

Json EncodeSignature(const Signature& signature);
Signature DecodeSignature(const JsonNode& node);

}  // namespace torchassay

#endif  // VALIDATOR_WIRE_JOB_JSON_H_
