#include "validator/wire/envelope.h"

#include "validator/wire/job_json.h"

namespace torchassay {

std::string EncodeEnvelope(const JobEnvelope& envelope) {
  return DumpJson({{"number", envelope.number}, {"parallel", envelope.parallel}, {"job", EncodeJob(envelope.job)}});
}

Result<JobEnvelope> DecodeJobEnvelope(std::string_view frame) {
  Result<JsonDocument> document = JsonDocument::Parse(std::string(frame), "job");
  if (!document.ok()) return document.status();
  const JsonNode root = document->root();
  JobEnvelope envelope{root.Required("number").Integer(), static_cast<int>(root.Required("parallel").Integer()),
                       DecodeJob(root.Required("job"))};
  if (Status status = document->status(); !status.ok()) return status;
  return envelope;
}

std::string EncodeEnvelope(const ResultEnvelope& envelope) {
  return DumpJson({{"number", envelope.number}, {"result", EncodeJobResult(envelope.result)}});
}

Result<ResultEnvelope> DecodeResultEnvelope(std::string_view frame) {
  Result<JsonDocument> document = JsonDocument::Parse(std::string(frame), "result");
  if (!document.ok()) return document.status();
  const JsonNode root = document->root();
  ResultEnvelope envelope{root.Required("number").Integer(), DecodeJobResult(root.Required("result"))};
  if (Status status = document->status(); !status.ok()) return status;
  return envelope;
}

}  // namespace torchassay
