// Reloads that change little.
#include <gtest/gtest.h>
