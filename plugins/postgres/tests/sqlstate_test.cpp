#include "sqlstate.hpp"

#include <gtest/gtest.h>

namespace daymill::postgres {
namespace {

TEST(Sqlstate, SaysWhoseFaultItIs) {
  const std::pair<const char*, Code> kExpected[] = {{"", Code::unavailable},
                                                    {"08006", Code::unavailable},
                                                    {"57P01", Code::unavailable},
                                                    {"57P02", Code::unavailable},
                                                    {"57P03", Code::unavailable},
                                                    {"53300", Code::unavailable},
                                                    {"40001", Code::conflict},
                                                    {"40P01", Code::conflict},
                                                    {"55P03", Code::conflict},
                                                    {"57014", Code::timeout},
                                                    {"28P01", Code::unauthenticated},
                                                    {"28000", Code::unauthenticated},
                                                    {"42501", Code::permission_denied},
                                                    {"53100", Code::resource_exhausted},
                                                    {"53200", Code::resource_exhausted},
                                                    {"42P01", Code::not_found},
                                                    {"3D000", Code::not_found},
                                                    {"22021", Code::invalid_data},
                                                    {"23505", Code::invalid_data},
                                                    {"25006", Code::unsupported},
                                                    {"42601", Code::internal},
                                                    {"XX000", Code::internal}};
  for (const auto& [sqlstate, code] : kExpected) {
    EXPECT_EQ(code_of(sqlstate), code) << sqlstate;
  }
}

TEST(Sqlstate, KnowsWhatEndsASession) {
  EXPECT_TRUE(ends_session(""));
  EXPECT_TRUE(ends_session("57P01"));
  EXPECT_TRUE(ends_session("08006"));
  EXPECT_FALSE(ends_session("57014"));
  EXPECT_FALSE(ends_session("40001"));
  EXPECT_FALSE(ends_session("23505"));
}

}  // namespace
}  // namespace daymill::postgres
