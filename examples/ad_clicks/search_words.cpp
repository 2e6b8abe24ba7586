#include "search_words.hpp"

#include <array>
#include <string_view>

namespace {

constexpr std::array<std::string_view, 40> kWords = {
    "ランニングシューズ",
    "running shoes",
    "靴",
    "أحذية الجري",
    "кроссовки для бега",
    "दौड़ने के जूते",
    "chaussures d'été",
    "東京 ホテル 安い",
    "time: 10:30",
    "👟",
    "حقيبة سفر",
    "зимняя куртка",
    "मोबाइल फ़ोन",
    "Fußballschuhe",
    "ﾊﾝｶｸ ｶﾀｶﾅ",
    "https://shop.example/?q=a:b&c=d",
    "👩‍👩‍👧 family trip",
    "🇯🇵 旅行",
    "c++",
    "100% cotton",
    ":colon first",
    "colon last:",
    "a::b",
    " leading space",
    "trailing space ",
    "two  spaces",
    "\"quoted\"",
    "comma, separated; values",
    "back\\slash",
    "semi'quote",
    "{braces}",
    "<b>markup</b>",
    "NULL",
    "",
    "é",        // one code point
    "e\u0301",  // the same letter as two: another word
    "ﷺ",
    "İstanbul",
    "𠮷野家",
    "ไทย",
};

}  // namespace

std::string search_word(std::uint64_t index) {
  std::string word(kWords[index % kWords.size()]);
  if (index >= kWords.size())
    word += " " + std::to_string(index / kWords.size());
  return word;
}
