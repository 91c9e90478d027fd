// Every spoilt archive ends in a clean verdict: a status with a code, a finding, or a summary that differs
// from the clean one in nothing that the file says about the model.

#include "testdata/corrupt/corrupt.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "validator/archive/archive.h"

namespace torchassay {
namespace {

constexpr const char* kModels[] = {"my_module.pt",   "traced_conv.pt",    "scripted_conv.pt",    "frozen_conv.pt",
                                   "attributes.pt",  "shared_weights.pt", "quantized_static.pt", "quantized_dynamic.pt",
                                   "lstm.pt",        "traced_nested.pt",  "constants.pt",        "compressed.pt",
                                   "mobile_conv.pt", "state_dict.pt",     "legacy_module.pt",    "exported.pt2"};
constexpr int kSeedsPerRecipe = 6;  // times 12 recipes times 16 files

std::string Bytes(const std::string& name) {
  std::ostringstream bytes;
  bytes << std::ifstream("testdata/fixtures/" + name, std::ios::binary).rdbuf();
  return bytes.str();
}

// All that the archive says, as text: two readings can be compared.
std::string Digest(const ArchiveSummary& archive) {
  std::ostringstream text;
  text << ArchiveKindName(archive.kind) << archive.format_version << archive.byte_order << "\n";
  for (const ModuleNode& node : archive.modules) {
    text << node.path << " " << node.type << " " << node.training.value_or(false) << "\n";
    for (const Attribute& attribute : node.attributes) {
      text << attribute.name << attribute.type << attribute.value << "\n";
    }
  }
  for (const NamedTensor& named : archive.tensors) {
    text << named.path << named.tensor.Describe() << named.tensor.record << named.tensor.offset << "\n";
  }
  for (const ClassCode& code : archive.classes) {
    text << code.name << "\n";
    for (const Method& method : code.methods) text << method.code << "\n";
  }
  for (const Method& function : archive.functions) text << function.code << "\n";
  return text.str();
}

bool HasCode(const ArchiveSummary& archive, const std::string& code) {
  for (const Finding& finding : archive.findings) {
    if (finding.code == code) return true;
  }
  return false;
}

TEST_CASE("a spoilt archive is never taken for another model") {
  int refused = 0;
  int flagged = 0;
  int unharmed = 0;
  for (const std::string model : kModels) {
    const std::string clean = Bytes(model);
    REQUIRE(clean.size() > 64);
    const Result<ArchiveSummary> original = ReadArchive(MemorySource(std::as_bytes(std::span(clean))), model, {});
    for (const Recipe recipe : kRecipes) {
      for (int seed = 0; seed < kSeedsPerRecipe; ++seed) {
        INFO(model << " " << RecipeName(recipe) << " " << seed);
        const std::string spoilt = Corrupt(clean, recipe, static_cast<std::uint32_t>(seed));
        const Result<ArchiveSummary> read = ReadArchive(MemorySource(std::as_bytes(std::span(spoilt))), model, {});
        if (!read.ok()) {
          ++refused;
          CHECK(read.status().finding_code().starts_with("TA20"));
          CHECK_FALSE(read.status().message().empty());
        } else if (HasCode(*read, "TA203")) {
          ++flagged;
        } else {  // the change hit padding, or what says nothing
          ++unharmed;
          REQUIRE(original.ok());
          CHECK(Digest(*read) == Digest(*original));
        }
      }
    }
  }
  CHECK(refused + flagged + unharmed == static_cast<int>(std::size(kModels) * kRecipes.size()) * kSeedsPerRecipe);
  CHECK(flagged > 100);
  CHECK(unharmed < refused);
}

TEST_CASE("without checksums there is no crash either") {
  ReadOptions options;
  options.checksums = false;
  for (const std::string model : kModels) {
    const std::string clean = Bytes(model);
    for (const Recipe recipe : kRecipes) {
      for (int seed = 100; seed < 100 + kSeedsPerRecipe; ++seed) {
        const std::string spoilt = Corrupt(clean, recipe, static_cast<std::uint32_t>(seed));
        const Result<ArchiveSummary> read = ReadArchive(MemorySource(std::as_bytes(std::span(spoilt))), model, options);
        if (!read.ok()) CHECK_FALSE(read.status().finding_code().empty());
      }
    }
  }
}

}  // namespace
}  // namespace torchassay
