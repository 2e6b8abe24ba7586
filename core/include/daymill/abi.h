/* The C ABI between daymill and its plugins, version 1.
 *
 * Authors in C++ include <daymill/plugin.hpp> instead, which hides all of this; this header is the
 * contract itself and what a plugin in another language is written against.
 *
 * A plugin is a shared library that exports one function, daymill_plugin_query_v1. It is loaded
 * once and never unloaded; loading it is full trust: it runs in the host's process with the host's
 * rights.
 *
 * RULES
 *   - Structures that may grow begin with struct_size; they grow at the end only. A reader uses
 * min(struct_size, its own size) and treats what is missing as NULL or 0. The meaning of a member
 * never changes within a major version.
 *   - Nothing but C crosses: no exception, no C++ type. Every function that can fail returns a
 * daymill_code and fills *error.
 *   - OWNERSHIP: pointers that a function receives are valid until it returns, unless a comment
 * says otherwise. Lists that a function fills in carry a release callback, called once by the
 * receiver. daymill_text is a view, not NUL-terminated.
 *   - THREADS: source, transform and sink functions are called from one control thread, never
 * concurrently for one instance. A reader, lane or writer is called by one thread at a time, which
 * may change. The host's functions may be called from any.
 *   - Blocking calls return within a second or so after stop_requested() became true, with
 * DAYMILL_CANCELLED; every socket has a time limit. A plugin does not retry and does not sleep:
 * only the engine retries.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "daymill/arrow_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DAYMILL_PLUGIN_MAGIC 0x4c4c494d59414421ull /* "!DAYMILL" read as little endian bytes */
#define DAYMILL_ABI_MAJOR 1u
/* 1: history, difference, rejects, note_decision; adopting, rehearsing; removals by decision.
 * 2: check_rows. */
#define DAYMILL_ABI_MINOR 3u
#define DAYMILL_QUERY_SYMBOL "daymill_plugin_query_v1"

/* ---- Errors
 * --------------------------------------------------------------------------------------------------------------
 */

/* Closed, append-only list. Whose fault each one is, whether the engine retries it and which exit
 * code it gives is stated beside the same names in status.hpp. */
typedef int32_t daymill_code;
enum {
  DAYMILL_OK = 0,
  DAYMILL_CANCELLED = 1,
  DAYMILL_INVALID_CONFIG = 2,
  DAYMILL_INVALID_ARGUMENT = 3,
  DAYMILL_INVALID_DATA = 4,
  DAYMILL_SCHEMA_MISMATCH = 5,
  DAYMILL_NOT_FOUND = 6,
  DAYMILL_UNAUTHENTICATED = 7,
  DAYMILL_PERMISSION_DENIED = 8,
  DAYMILL_UNAVAILABLE = 9,
  DAYMILL_TIMEOUT = 10,
  DAYMILL_RESOURCE_EXHAUSTED = 11,
  DAYMILL_UNSUPPORTED = 12,
  DAYMILL_CONFLICT = 13,
  DAYMILL_FENCED = 14,
  DAYMILL_NEEDS_DECISION = 15,
  DAYMILL_COMMIT_UNKNOWN = 16,
  DAYMILL_CORRUPT = 17,
  DAYMILL_INTERNAL = 18
};

/* OWNERSHIP: filled by the callee when it returns another code than DAYMILL_OK; the caller calls
 * release when it is not NULL. */
typedef struct daymill_error {
  uint32_t struct_size;
  daymill_code code;
  const char* message; /* what failed, found and expected; UTF-8, NUL-terminated; never a secret */
  const char* where;   /* host, table, key, file:line; may be NULL */
  const char* next;    /* the next thing to type or to do; may be NULL */
  void (*release)(struct daymill_error*);
  void* private_data;
} daymill_error;

/* ---- Small values
 * --------------------------------------------------------------------------------------------------------
 */

typedef struct daymill_text {
  const char* data; /* UTF-8 unless said otherwise; may be NULL when size is 0 */
  size_t size;
} daymill_text;

/* One resolved setting. A scalar has an empty item; a list has one entry per element with its index
 * as item ("0", "1", ...); a map one entry per key with the key as item. value is the text of the
 * value: numbers in decimal, booleans as true or false. */
typedef struct daymill_config_entry {
  daymill_text name;
  daymill_text item;
  daymill_text value;
} daymill_config_entry;

typedef struct daymill_config {
  uint32_t struct_size;
  size_t n_entries;
  const daymill_config_entry* entries;
} daymill_config;

/* One civil day. start_us and end_us are microseconds since 1970-01-01T00:00Z, the end is
 * exclusive; day is days since 1970-01-01 of the civil date itself, whatever the time zone. */
typedef struct daymill_partition {
  uint32_t struct_size;
  daymill_text label; /* "2026-11-22" */
  int32_t day;
  int64_t start_us;
  int64_t end_us;
} daymill_partition;

enum { DAYMILL_ROLE_KEY = 1, DAYMILL_ROLE_MEASURE = 2, DAYMILL_ROLE_ATTRIBUTE = 3 };

typedef struct daymill_field {
  uint32_t struct_size;
  daymill_text name;
  daymill_text format; /* Arrow format: b bool, l int64, g float64, u text, z binary, tdD date,
                          tsu:UTC timestamp */
  int32_t role;
  int32_t nullable; /* 0 or 1 */
} daymill_field;

/* OWNERSHIP: filled by the callee, released by the caller. */
typedef struct daymill_schema {
  uint32_t struct_size;
  size_t n_fields;
  const daymill_field* fields;
  void (*release)(struct daymill_schema*);
  void* private_data;
} daymill_schema;

/* OWNERSHIP: filled by the callee, released by the caller. */
typedef struct daymill_text_list {
  uint32_t struct_size;
  size_t n_texts;
  const daymill_text* texts;
  void (*release)(struct daymill_text_list*);
  void* private_data;
} daymill_text_list;

/* ---- The host, as a plugin sees it
 * ---------------------------------------------------------------------------------------- */

enum {
  DAYMILL_LOG_DEBUG = 1,
  DAYMILL_LOG_INFO = 2,
  DAYMILL_LOG_WARNING = 3,
  DAYMILL_LOG_ERROR = 4
};

/* OWNERSHIP: the host's; outlives every object of the plugin. THREADS: any. */
typedef struct daymill_host {
  uint32_t struct_size;
  void* self;
  void (*log)(void* self, int32_t level, daymill_text message);
  int32_t (*stop_requested)(void* self);
} daymill_host;

/* ---- Lanes: decoders and transforms
 * ---------------------------------------------------------------------------------------- */

/* A row that cannot be used. row counts from 0 in the batch being processed. When the amount that
 * the row would have brought is known, measure is the index of the measure's field in the lane's
 * output schema and amount its value; otherwise measure is -1. A transform leaves it at -1: the
 * engine takes the amounts of all measures from the row that went in. */
typedef struct daymill_rejection {
  uint32_t struct_size;
  int64_t row;
  daymill_text reason;  /* short stable code: "field.no_separator" */
  daymill_text message; /* for people: found, expected */
  int32_t measure;
  int64_t amount;
} daymill_rejection;

/* What a lane hands its results to. emit takes ownership of *batch whatever it returns; a code
 * other than DAYMILL_OK means stop and pass that code on. OWNERSHIP: the caller's, valid until
 * process or finish returns. */
typedef struct daymill_emitter {
  uint32_t struct_size;
  void* self;
  daymill_code (*emit)(void* self, struct ArrowArray* batch, daymill_error* error);
  daymill_code (*reject)(void* self, const daymill_rejection* rejection, daymill_error* error);
} daymill_emitter;

typedef struct daymill_lane_functions {
  uint32_t struct_size;
  void (*destroy)(void* lane);
  /* Takes ownership of *batch. */
  daymill_code (*process)(void* lane, struct ArrowArray* batch, const daymill_emitter* emitter,
                          daymill_error* error);
  daymill_code (*finish)(void* lane, const daymill_emitter* emitter, daymill_error* error);
} daymill_lane_functions;

/* OWNERSHIP: the receiver calls functions->destroy(self) once. */
typedef struct daymill_lane {
  const daymill_lane_functions* functions;
  void* self;
} daymill_lane;

/* ---- Source
 * ----------------------------------------------------------------------------------------------------------------
 */

typedef struct daymill_split {
  uint32_t struct_size;
  daymill_text id;        /* stable across runs; names the split in receipts */
  daymill_text location;  /* for people: host, port, key or path */
  int32_t present;        /* 1: the source holds it now */
  int64_t estimated_rows; /* -1: unknown */
  int64_t
      removals; /* how often it has been removed before, by the source's removal record; 0: never */
  daymill_text removed_fingerprint; /* of the last removal, empty when removals is 0 */
  daymill_text removed_by;          /* the pipeline that did it */
  daymill_text record_problem; /* not empty: the removal record cannot be understood; nothing may be
                                  decided from it */
} daymill_split;

typedef struct daymill_split_list {
  uint32_t struct_size;
  size_t n_splits;
  const daymill_split* splits;
  void (*release)(struct daymill_split_list*);
  void* private_data;
} daymill_split_list;

enum { DAYMILL_READ_MORE = 1, DAYMILL_READ_END = 2 };
enum { DAYMILL_SCAN_STABLE = 1, DAYMILL_SCAN_CHANGED = 2 };
enum { DAYMILL_REMOVED = 1, DAYMILL_ALREADY_REMOVED = 2, DAYMILL_REMOVAL_CHANGED = 3 };

/* On whose word something is removed. */
enum {
  DAYMILL_REMOVE_BY_PROOF = 0,   /* the sink holds exactly what the reader read */
  DAYMILL_REMOVE_DISCARD = 1,    /* somebody decided that what the reader read is not to be counted;
                                    removed if it is still that */
  DAYMILL_REMOVE_RECORD_ONLY = 2 /* somebody decided so: only the removal record is set, if it is
                                    still what the split says; the split stays */
};

typedef struct daymill_reader_functions {
  uint32_t struct_size;
  void (*destroy)(void* reader);
  /* Fills *batch with 0 or more raw rows (release is NULL when there are none) and *state with
   * DAYMILL_READ_*. */
  daymill_code (*read)(void* reader, struct ArrowArray* batch, int32_t* state,
                       daymill_error* error);
  /* After the end: was the split the same from the first row to the last, and are distinct_rows all
   * of it? *answer: DAYMILL_SCAN_*. May be NULL: stable. */
  daymill_code (*confirm)(void* reader, int64_t distinct_rows, int32_t* answer,
                          daymill_error* error);
  /* Since 1.3, for sources with DAYMILL_SOURCE_READS_IN_ORDER, otherwise NULL. How far the reading
   * has come: all rows with a key before *complete have been given, and all rows that have been
   * given have a key before *reached. Before the first read it says where the split begins. Neither
   * ever falls; at the end *complete is UINT64_MAX, and *reached may be less. */
  daymill_code (*position)(void* reader, uint64_t* complete, uint64_t* reached,
                           daymill_error* error);
} daymill_reader_functions;

/* OWNERSHIP: as daymill_lane. */
typedef struct daymill_reader {
  const daymill_reader_functions* functions;
  void* self;
} daymill_reader;

/* What a removal is done against. OWNERSHIP: views, valid during the call. */
typedef struct daymill_removal {
  uint32_t struct_size;
  void* reader; /* the reader (its self) that read exactly what was loaded; NULL: only record that
                   the split is gone */
  int64_t generation;       /* of the receipt */
  daymill_text fingerprint; /* of the receipt */
  daymill_text pipeline;
  daymill_text sink; /* identity of the sink that holds the receipt */
  int32_t kind; /* since 1.1: DAYMILL_REMOVE_*. With a decision generation may be 0: the removal
                   record is deleted */
} daymill_removal;

typedef struct daymill_source_functions {
  uint32_t struct_size;
  daymill_code (*create)(const daymill_host* host, const daymill_config* config, void** source,
                         daymill_error* error);
  void (*destroy)(void* source);
  daymill_code (*schema)(void* source, daymill_schema* typed, daymill_error* error);
  /* Of the batches that readers give. Fields with the role key decide which rows belong together:
   * rows whose typed keys are equal must have equal bytes there. */
  daymill_code (*raw_schema)(void* source, daymill_schema* raw, daymill_error* error);
  daymill_code (*plan)(void* source, const daymill_partition* partition, daymill_split_list* splits,
                       daymill_error* error);
  daymill_code (*open)(void* source, const daymill_partition* partition, const daymill_split* split,
                       daymill_reader* reader, daymill_error* error);
  /* The lane's input are raw batches of that split, its output has the typed schema. Needs no
   * connection: replay works without the source. */
  daymill_code (*decoder)(void* source, const daymill_partition* partition, daymill_text split_id,
                          daymill_lane* lane, daymill_error* error);
  /* May be NULL (no capability). *answer: DAYMILL_REMOVED, ... */
  daymill_code (*remove)(void* source, const daymill_partition* partition,
                         const daymill_split* split, const daymill_removal* removal,
                         int32_t* answer, daymill_error* error);
  /* Labels of the partitions the source holds now; may be NULL. */
  daymill_code (*inventory)(void* source, daymill_text_list* labels, daymill_error* error);
  /* Reaches the server and checks rights and settings; lines for people in *findings ("warning:
   * ..."); may be NULL. */
  daymill_code (*check)(void* source, daymill_text_list* findings, daymill_error* error);
} daymill_source_functions;

/* ---- Transform
 * --------------------------------------------------------------------------------------------------------------
 */

typedef struct daymill_transform_functions {
  uint32_t struct_size;
  daymill_code (*create)(const daymill_host* host, const daymill_config* config, void** transform,
                         daymill_error* error);
  void (*destroy)(void* transform);
  /* Pure: the same input gives the same output. */
  daymill_code (*bind)(void* transform, const daymill_schema* in, daymill_schema* out,
                       daymill_error* error);
  daymill_code (*open)(void* transform, const daymill_partition* partition, daymill_lane* lane,
                       daymill_error* error);
} daymill_transform_functions;

/* ---- Sink
 * -------------------------------------------------------------------------------------------------------------------
 */

typedef struct daymill_sum {
  daymill_text measure;
  int64_t value;
} daymill_sum;

typedef struct daymill_receipt {
  uint32_t struct_size;
  daymill_text split;
  int64_t generation;
  int64_t epoch;
  daymill_text fingerprint;
  int64_t rows_in;
  daymill_text snapshot;   /* file name of the snapshot that was loaded */
  int32_t removed;         /* 1: the removal from the source is recorded here too */
  daymill_text removed_at; /* since 1.1: RFC 3339, when that was recorded; empty: unknown */
} daymill_receipt;

typedef struct daymill_load {
  uint32_t struct_size;
  int64_t epoch;
  daymill_text pipeline;
  daymill_text run_id;
  int64_t rows_out;
  int64_t rejected;
  int64_t filtered;
  size_t n_sums;
  const daymill_sum* sums; /* of the rows in the target */
  daymill_text config_digest;
  daymill_text plugins;      /* JSON: versions of what made the rows */
  daymill_text committed_at; /* RFC 3339, set by the sink */
} daymill_load;

/* Since 1.1: what somebody decided about a partition that needed it. */
typedef struct daymill_decision {
  uint32_t struct_size;
  daymill_text choice;     /* "as-new", "replace", "discard", "adopt" */
  daymill_text decided_by; /* user@host */
  daymill_text reason;     /* as given, for people */
  daymill_text detail;     /* what the evidence was, for people */
  daymill_text decided_at; /* RFC 3339; set by the sink */
} daymill_decision;

/* What the sink holds of a partition. OWNERSHIP: filled by the callee, released by the caller. */
typedef struct daymill_evidence {
  uint32_t struct_size;
  int64_t epoch;            /* highest claimed; 0: never */
  const daymill_load* load; /* the newest committed one; NULL: none */
  size_t n_receipts;
  const daymill_receipt* receipts;
  daymill_text difference; /* not empty: the target no longer holds what the load wrote; found and
                              expected */
  void (*release)(struct daymill_evidence*);
  void* private_data;
  size_t n_decisions; /* since 1.1, oldest first */
  const daymill_decision* decisions;
} daymill_evidence;

/* Since 1.1: evidence of one of many partitions; evidence->difference is not looked for. */
typedef struct daymill_partition_evidence {
  uint32_t struct_size;
  daymill_text partition; /* its label */
  const daymill_evidence* evidence;
} daymill_partition_evidence;

/* OWNERSHIP: filled by the callee, released by the caller. */
typedef struct daymill_history {
  uint32_t struct_size;
  size_t n_partitions;
  const daymill_partition_evidence* partitions; /* by label */
  void (*release)(struct daymill_history*);
  void* private_data;
} daymill_history;

enum { DAYMILL_ROW_ADDED = 1, DAYMILL_ROW_CHANGED = 2, DAYMILL_ROW_REMOVED = 3 };

/* Since 1.1: one row that a commit would change, as texts for people. */
typedef struct daymill_row_change {
  uint32_t struct_size;
  int32_t kind;        /* DAYMILL_ROW_* */
  daymill_text key;    /* "7, shoes" */
  daymill_text before; /* "clicks 3, ctr 0.1": what differs; empty for an added row */
  daymill_text after;  /* empty for a removed row */
} daymill_row_change;

/* Since 1.1: what a commit of the staged rows would change in the target. OWNERSHIP: filled by the
 * callee, released by the caller. */
typedef struct daymill_difference {
  uint32_t struct_size;
  int64_t rows_before; /* of the day in the target now */
  int64_t rows_after;
  int64_t added;
  int64_t changed;
  int64_t removed;
  size_t n_before;
  const daymill_sum* before; /* sums of the measures in the target now */
  size_t n_after;
  const daymill_sum* after;
  size_t n_examples;
  const daymill_row_change* examples;
  void (*release)(struct daymill_difference*);
  void* private_data;
} daymill_difference;

enum {
  DAYMILL_ATTEMPT_REPLACE_FOREIGN =
      1u, /* rows of the day that no load wrote may be replaced: somebody decided so */
  DAYMILL_ATTEMPT_ADOPT =
      2u /* since 1.1: the rows of the day stay as they are, whoever wrote them; commit checks that
            their count and sums are the load's and writes load and receipts */
};

typedef struct daymill_attempt {
  uint32_t struct_size;
  const daymill_partition* partition;
  int64_t epoch; /* since 1.1: 0, a rehearsal without a claim: rows are staged and compared, then
                    given up; it is never committed */
  daymill_text run_id;
  uint32_t flags; /* DAYMILL_ATTEMPT_* */
} daymill_attempt;

typedef struct daymill_reject_row {
  uint32_t struct_size;
  daymill_text split;
  int64_t generation;
  daymill_text raw; /* any bytes: what the source held */
  daymill_text reason;
  daymill_text message;
} daymill_reject_row;

/* Since 1.1. OWNERSHIP: filled by the callee, released by the caller. */
typedef struct daymill_reject_list {
  uint32_t struct_size;
  size_t n_rows;
  const daymill_reject_row* rows;
  void (*release)(struct daymill_reject_list*);
  void* private_data;
} daymill_reject_list;

typedef struct daymill_writer_functions {
  uint32_t struct_size;
  void (*destroy)(void* writer); /* of a writer that was not finished: gives up what it wrote */
  /* Takes ownership of *batch. */
  daymill_code (*write)(void* writer, struct ArrowArray* batch, daymill_error* error);
  daymill_code (*finish)(void* writer, daymill_error* error);
} daymill_writer_functions;

/* OWNERSHIP: as daymill_lane. */
typedef struct daymill_writer {
  const daymill_writer_functions* functions;
  void* self;
} daymill_writer;

typedef struct daymill_sink_functions {
  uint32_t struct_size;
  daymill_code (*create)(const daymill_host* host, const daymill_config* config, void** sink,
                         daymill_error* error);
  void (*destroy)(void* sink);
  /* Checks (or creates, when configured) the target for rows of this schema; pipeline is the
   * identity that owns receipts. */
  daymill_code (*bind)(void* sink, const daymill_schema* rows, daymill_text pipeline,
                       daymill_error* error);
  /* settle = 1: first wait until no other attempt on the partition is under way (used after
   * DAYMILL_COMMIT_UNKNOWN). */
  daymill_code (*receipts)(void* sink, const daymill_partition* partition, int32_t settle,
                           daymill_evidence* evidence, daymill_error* error);
  daymill_code (*claim)(void* sink, const daymill_partition* partition, int64_t* epoch,
                        daymill_error* error);
  daymill_code (*begin)(void* sink, const daymill_attempt* attempt, daymill_error* error);
  daymill_code (*open)(void* sink, daymill_writer* writer, daymill_error* error);
  daymill_code (*reject)(void* sink, size_t n_rows, const daymill_reject_row* rows,
                         daymill_error* error);
  /* Verifies conservation, replaces the partition and writes load and receipts, all or nothing.
   * receipts are all of the partition. */
  daymill_code (*commit)(void* sink, const daymill_load* load, size_t n_receipts,
                         const daymill_receipt* receipts, daymill_error* error);
  void (*abort)(void* sink);
  daymill_code (*mark_removed)(void* sink, const daymill_partition* partition, daymill_text split,
                               int64_t generation, daymill_error* error);
  /* One text that names the target wherever it is reached from: "postgres:<system
   * identifier>/<database>/<schema>.<table>". */
  daymill_code (*identity)(void* sink, daymill_text_list* identity, daymill_error* error);
  daymill_code (*check)(void* sink, daymill_text_list* findings,
                        daymill_error* error); /* as the source's; may be NULL */
  /* The functions below are there since 1.1; each may be NULL: not supported. */

  /* Evidence of every partition that the bound pipeline has claimed, loaded or decided about. */
  daymill_code (*history)(void* sink, daymill_history* history, daymill_error* error);
  /* After the writer has finished, before commit: the staged rows against the day in the target,
   * with up to max_examples rows that differ. Changes nothing. */
  daymill_code (*difference)(void* sink, int64_t max_examples, daymill_difference* difference,
                             daymill_error* error);
  /* The stored rejects of a partition's newest load, at most max_rows. */
  daymill_code (*rejects)(void* sink, const daymill_partition* partition, int64_t max_rows,
                          daymill_reject_list* rejects, daymill_error* error);
  /* Keeps what somebody decided, durably when it returns. */
  daymill_code (*note_decision)(void* sink, const daymill_partition* partition,
                                const daymill_decision* decision, daymill_error* error);
  /* Since 1.2, may be NULL. Before bind, without a connection: could rows of this schema go into
   * the target as it is configured? */
  daymill_code (*check_rows)(void* sink, const daymill_schema* rows, daymill_error* error);
} daymill_sink_functions;

/* ---- The plugin itself
 * --------------------------------------------------------------------------------------------------------
 */

enum { DAYMILL_KIND_SOURCE = 1, DAYMILL_KIND_TRANSFORM = 2, DAYMILL_KIND_SINK = 3 };

enum {
  DAYMILL_SOURCE_REMOVES_BY_PROOF = 1u << 0,
  DAYMILL_SOURCE_REPEATS_ROWS = 1u << 1, /* a reader may give a row again: rows of a split with
                                            equal raw keys are one row, the last */
  DAYMILL_SOURCE_READS_IN_ORDER =
      1u << 2, /* since 1.3: readers of a partition's splits give their rows in one order of keys,
                  see position. The engine may then load while it reads. It finds out when a key
                  came out of order and loads again from the snapshots, so the promise may be one
                  that holds nearly always */
  DAYMILL_TRANSFORM_ROW_WISE =
      1u << 8, /* every output row comes from one input row; no state between rows */
  DAYMILL_TRANSFORM_KEEPS_ROWS = 1u << 9, /* as many rows out as in, measures untouched */
  DAYMILL_TRANSFORM_KEEPS_SUMS =
      1u << 10, /* each measure that comes out under the name under which it went in has the same
                   sum, rejected rows counted; rows may be merged */
  DAYMILL_SINK_RECEIPTS = 1u << 16,           /* receipts are committed with the data */
  DAYMILL_SINK_REPLACES_PARTITION = 1u << 17, /* a load replaces the day as a whole */
  DAYMILL_SINK_FENCES = 1u << 18,             /* an older epoch cannot commit */
  DAYMILL_SINK_STORES_REJECTS = 1u << 19
};

typedef struct daymill_component {
  uint32_t struct_size;
  int32_t kind;
  const char* id;          /* [a-z][a-z0-9_]*, the name in pipeline files */
  const char* config_spec; /* JSON, see config.hpp */
  uint32_t capabilities;
  int32_t logic_version; /* raised when the same input would give another output */
  const void* functions; /* daymill_source_functions, daymill_transform_functions or
                            daymill_sink_functions */
} daymill_component;

/* OWNERSHIP: the plugin's, static, immutable. */
typedef struct daymill_plugin_info {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  uint64_t magic;
  const char* name;
  const char* version;
  const char* build; /* compiler and such, for people */
  size_t n_components;
  const daymill_component* const* components;
  daymill_code (*start)(const daymill_host* host,
                        daymill_error* error); /* may be NULL; called once, before any create */
} daymill_plugin_info;

/* The one exported symbol. No side effects; called once or more; never returns NULL in a working
 * plugin. */
typedef const daymill_plugin_info* (*daymill_plugin_query_function)(void);

#ifdef __cplusplus
}
#endif
