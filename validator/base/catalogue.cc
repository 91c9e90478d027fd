#include "validator/base/catalogue.h"

#include <algorithm>
#include <cctype>

#include "validator/base/catalogue_data.h"
#include "validator/base/closest.h"
#include "validator/base/json.h"

namespace torchassay {
namespace {

CatalogueEntry ReadEntry(const JsonNode& node) {
  CatalogueEntry entry;
  entry.code = node.Required("code").String();
  entry.name = node.Required("name").String();
  entry.severity = node.Required("severity").String();
  entry.title = node.Required("title").String();
  entry.explanation = node.Required("explanation").String();
  entry.bad = node.Required("bad").String();
  entry.good = node.Required("good").String();
  entry.since = node.Required("since").String();
  return entry;
}

// The data is part of the program and tested with it: it always parses.
std::vector<CatalogueEntry> ReadCatalogue() {
  std::vector<CatalogueEntry> entries;
  const Result<JsonDocument> document = JsonDocument::Parse(std::string(kCatalogueJson), "catalogue.json");
  if (!document.ok()) return entries;
  for (const JsonNode& node : document->root().Items()) entries.push_back(ReadEntry(node));
  std::sort(entries.begin(), entries.end(),
            [](const CatalogueEntry& a, const CatalogueEntry& b) { return a.code < b.code; });
  return entries;
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  const auto equal = [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
}

}  // namespace

const std::vector<CatalogueEntry>& Catalogue() {
  static const std::vector<CatalogueEntry> entries = ReadCatalogue();
  return entries;
}

const CatalogueEntry* FindCode(std::string_view code_or_name) {
  for (const CatalogueEntry& entry : Catalogue()) {
    if (EqualIgnoringCase(entry.code, code_or_name) || entry.name == code_or_name) return &entry;
  }
  return nullptr;
}

std::optional<std::string> ClosestCode(std::string_view word) {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : Catalogue()) {
    names.push_back(entry.code);
    names.push_back(entry.name);
  }
  return ClosestMatch(word, names);
}

}  // namespace torchassay
