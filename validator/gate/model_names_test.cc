#include "validator/gate/model_names.h"

#include <catch2/catch.hpp>

namespace torchassay {
namespace {

TEST_CASE("a policy may leave out the folders of a model, but not name others") {
  CHECK(NamesModel("net.assay", "/home/me/vision/net.assay"));
  CHECK(NamesModel("vision/net.assay", "/home/me/vision/net.assay"));
  CHECK(NamesModel("./vision/net.assay/", "/home/me/vision/net.assay"));
  CHECK(NamesModel("/home/me/vision/net.assay", "/home/me/vision/net.assay"));
  CHECK_FALSE(NamesModel("text/net.assay", "/home/me/vision/net.assay"));
  CHECK_FALSE(NamesModel("vision/net.assay", "net.assay"));
  CHECK_FALSE(NamesModel("/vision/net.assay", "/home/me/vision/net.assay"));
  CHECK_FALSE(NamesModel("et.assay", "/home/me/vision/net.assay"));
  CHECK_FALSE(NamesModel("", "/home/me/vision/net.assay"));
}

TEST_CASE("folders before a model's name may be left out, parts of a name may not") {
  CHECK(SameModel("net.assay", "net.assay"));
  CHECK(SameModel("vision/net.assay", "net.assay"));
  CHECK(SameModel("net.assay", "models/vision/net.assay"));
  CHECK_FALSE(SameModel("resnet.assay", "net.assay"));
  CHECK_FALSE(SameModel("vision/net.assay", "text/net.assay"));
  CHECK_FALSE(SameModel("net.assay", ""));
}

}  // namespace
}  // namespace torchassay
