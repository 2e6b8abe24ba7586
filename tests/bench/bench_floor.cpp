// bench_floor PORT YYYYMMDD COUNT [HASHES [read|pages]]: the least that the work of a day in HASHES
// hashes (2 unless told) of COUNT fields can cost on these servers, with nothing computed at all.
// Prints the seconds of each part as JSON:
//   read  HGETALL of all hashes over a bare socket, the bytes thrown away
//   copy  COPY BINARY of the day's rows, prepared beforehand, into a bare table, committed
//   key   building its primary key afterwards
// With the word "read" it does no more than that part; with "pages" only this, which is no part of
// the floor:
//   pages  HSCAN of all hashes, 500 fields a page as daymill reads them, a hash of clicks and one
//   of
//          impressions at once, over bare sockets: the least that reading costs which holds up
//          nobody else
// PostgreSQL is found through PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE.
#include <endian.h>
#include <libpq-fe.h>

#include <bit>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "day_hashes.hpp"
#include "fields.hpp"
#include "redis_socket.hpp"

namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <typename Integer>
void append_big_endian(std::string& out, Integer value) {
  if constexpr (sizeof value == 2)
    value = static_cast<Integer>(htobe16(value));
  if constexpr (sizeof value == 4)
    value = static_cast<Integer>(htobe32(value));
  if constexpr (sizeof value == 8)
    value = static_cast<Integer>(htobe64(value));
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_int64(std::string& out, std::uint64_t value) {
  append_big_endian<std::uint32_t>(out, 8);
  append_big_endian(out, value);
}

// Days since 2000-01-01, as PostgreSQL counts them.
std::uint32_t postgres_date(int number) {
  const std::chrono::year_month_day date{
      std::chrono::year(number / 10000),
      std::chrono::month(static_cast<unsigned>(number / 100 % 100)),
      std::chrono::day(static_cast<unsigned>(number % 100))};
  const std::chrono::sys_days epoch{std::chrono::year(2000) / 1 / 1};
  return static_cast<std::uint32_t>((std::chrono::sys_days(date) - epoch).count());
}

std::string binary_rows(int day, std::uint64_t count, std::uint64_t shards) {
  std::string out("PGCOPY\n\377\r\n\0", 11);
  out.reserve(shards * count * 96);
  append_big_endian<std::uint32_t>(out, 0);
  append_big_endian<std::uint32_t>(out, 0);
  const std::uint32_t date = postgres_date(day);
  for (std::uint64_t row = 0; row < shards * count; ++row) {
    const CountedField field = counted_field(row % count, count, row / count);
    append_big_endian<std::uint16_t>(out, 6);
    append_big_endian<std::uint32_t>(out, 4);
    append_big_endian(out, date);
    append_int64(out, static_cast<std::uint64_t>(field.ad_id));
    append_big_endian(out, static_cast<std::uint32_t>(field.search_word.size()));
    out += field.search_word;
    append_int64(out, static_cast<std::uint64_t>(field.clicks));
    append_int64(out, static_cast<std::uint64_t>(field.impressions));
    const double ctr = static_cast<double>(field.clicks) / static_cast<double>(field.impressions);
    append_int64(out, std::bit_cast<std::uint64_t>(ctr));
  }
  append_big_endian<std::uint16_t>(out, 0xffff);
  return out;
}

void execute(const Connection& connection, const char* sql,
             ExecStatusType expected = PGRES_COMMAND_OK) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql),
                                                             &PQclear);
  if (PQresultStatus(result.get()) != expected)
    throw std::runtime_error(std::string(sql) + ": " + PQerrorMessage(connection.get()));
}

void copy(const Connection& connection, const std::string& rows) {
  constexpr std::size_t kChunk = 256 * 1024;
  execute(connection, "COPY floor_rows FROM STDIN (FORMAT binary)", PGRES_COPY_IN);
  for (std::size_t begin = 0; begin < rows.size(); begin += kChunk) {
    const auto size = static_cast<int>(std::min(kChunk, rows.size() - begin));
    if (PQputCopyData(connection.get(), rows.data() + begin, size) != 1)
      throw std::runtime_error(PQerrorMessage(connection.get()));
  }
  if (PQputCopyEnd(connection.get(), nullptr) != 1)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  while (PGresult* result = PQgetResult(connection.get())) {
    const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!done)
      throw std::runtime_error(PQerrorMessage(connection.get()));
  }
}

double read_hashes(RedisSocket& redis, const std::vector<DayHash>& hashes) {
  return seconds_of([&] {
    for (const DayHash& hash : hashes) {
      redis.send("HGETALL " + hash.key + "\r\n");
      redis.drain();
    }
  });
}

/// The cursor of an answer to HSCAN that begins so: "*2\r\n$<size>\r\n<cursor>\r\n".
std::uint64_t cursor_of(const std::string& head) {
  std::size_t size = 0;
  std::uint64_t cursor = 0;
  if (std::sscanf(head.c_str(), "*2\r\n$%zu\r\n%" SCNu64 "\r\n", &size, &cursor) != 2)
    throw std::runtime_error("the answer to HSCAN begins with " + head);
  return cursor;
}

double read_pages(int port, const std::vector<DayHash>& hashes) {
  struct Scan {
    explicit Scan(int port) : redis(port) {}
    void begin(const DayHash& hash) {
      key = hash.key;
      ask(0);
    }
    void ask(std::uint64_t cursor) {
      redis.ask("HSCAN " + key + " " + std::to_string(cursor) + " COUNT 500");
      at_work = true;
    }
    void take_page() {
      if (!std::exchange(at_work, false))
        return;
      if (const std::uint64_t cursor = cursor_of(redis.receive_head()); cursor != 0)
        ask(cursor);
    }
    RedisSocket redis;
    std::string key;
    bool at_work = false;
  };
  return seconds_of([&] {
    Scan clicks(port);
    Scan impressions(port);
    const std::size_t shards = hashes.size() / 2;
    for (std::size_t shard = 0; shard < shards; ++shard) {
      clicks.begin(hashes[shard]);
      impressions.begin(hashes[shards + shard]);
      while (clicks.at_work || impressions.at_work) {
        clicks.take_page();
        impressions.take_page();
      }
    }
  });
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string_view only = argc == 6 ? argv[5] : "";
  if (argc < 4 || argc > 6 || (argc == 6 && only != "read" && only != "pages")) {
    std::fprintf(stderr, "usage: bench_floor PORT YYYYMMDD COUNT [HASHES [read|pages]]\n");
    return 2;
  }
  const std::uint64_t count = std::strtoull(argv[3], nullptr, 10);
  const std::uint64_t hashes = argc >= 5 ? std::strtoull(argv[4], nullptr, 10) : 2;
  const std::vector<DayHash> keys = day_hashes(argv[2], hashes);
  const int port = std::atoi(argv[1]);
  if (only == "pages") {
    std::printf("{\"pages\": %.4f}\n", read_pages(port, keys));
    return 0;
  }
  RedisSocket redis(port);
  if (only == "read") {
    std::printf("{\"read\": %.4f}\n", read_hashes(redis, keys));
    return 0;
  }
  const std::string rows = binary_rows(std::atoi(argv[2]), count, hashes / 2);
  const Connection connection(PQconnectdb(""), &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  execute(
      connection,
      "CREATE TABLE floor_rows (date date NOT NULL, ad_id bigint NOT NULL, search_word text "
      "COLLATE "
      "\"C\" NOT NULL, clicks bigint NOT NULL, impressions bigint NOT NULL, ctr double precision)");
  const double read = read_hashes(redis, keys);
  const double loaded = seconds_of([&] { copy(connection, rows); });
  const double key = seconds_of([&] {
    execute(connection, "ALTER TABLE floor_rows ADD PRIMARY KEY (date, ad_id, search_word)");
  });
  std::printf("{\"read\": %.4f, \"copy\": %.4f, \"key\": %.4f}\n", read, loaded, key);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_floor: %s\n", error.what());
  return 1;
}
