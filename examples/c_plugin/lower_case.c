/* A daymill plugin in plain C11, against <daymill/abi.h> alone: the transform "lower_case" writes a
 * text column in small letters (ASCII only; other characters stay).
 *
 *   cc -std=c11 -shared -fPIC -o lower_case.so lower_case.c -I<prefix>/include
 */
#include <daymill/abi.h>
#include <stdlib.h>
#include <string.h>

/* ---- Texts and errors */

static daymill_text text_of(const char* text) {
  return (daymill_text){text, strlen(text)};
}

static int is_equal(daymill_text a, daymill_text b) {
  return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* The messages are constants: nothing to be released. */
static daymill_code fail(daymill_error* error, daymill_code code, const char* message) {
  error->code = code;
  error->message = message;
  return code;
}

static daymill_code out_of_memory(daymill_error* error) {
  return fail(error, DAYMILL_RESOURCE_EXHAUSTED, "out of memory");
}

/* ---- The transform */

typedef struct transform {
  daymill_text column; /* its data follows the structure */
  size_t index;        /* of the column, known after bind */
} transform;

static daymill_code create(const daymill_host* host, const daymill_config* config, void** out,
                           daymill_error* error) {
  (void)host;
  daymill_text column = {NULL, 0};
  for (size_t i = 0; i < config->n_entries; ++i) {
    if (is_equal(config->entries[i].name, text_of("column"))) {
      column = config->entries[i].value;
    }
  }
  if (column.size == 0) {
    return fail(error, DAYMILL_INVALID_CONFIG, "column is empty, expected the name of a column");
  }
  transform* made = malloc(sizeof *made + column.size);
  if (made == NULL) {
    return out_of_memory(error);
  }
  memcpy(made + 1, column.data, column.size);
  *made = (transform){.column = {(const char*)(made + 1), column.size}};
  *out = made;
  return DAYMILL_OK;
}

static void destroy(void* object) {
  free(object);
}

static void release_schema(daymill_schema* schema) {
  free(schema->private_data);
  schema->release = NULL;
}

/* The host's fields may be longer than ours: step by their size. */
static const daymill_field* field_at(const daymill_schema* schema, size_t index) {
  return (const daymill_field*)((const char*)schema->fields + index * schema->fields->struct_size);
}

/* A copy in one block: the fields, then their names and formats. */
static daymill_code copy_schema(const daymill_schema* in, daymill_schema* out,
                                daymill_error* error) {
  size_t size = in->n_fields * sizeof(daymill_field);
  for (size_t i = 0; i < in->n_fields; ++i) {
    size += field_at(in, i)->name.size + field_at(in, i)->format.size;
  }
  daymill_field* fields = malloc(size);
  if (fields == NULL) {
    return out_of_memory(error);
  }
  char* texts = (char*)(fields + in->n_fields);
  for (size_t i = 0; i < in->n_fields; ++i) {
    const daymill_field* field = field_at(in, i);
    fields[i] = *field;
    fields[i].struct_size = sizeof *fields;
    memcpy(texts, field->name.data, field->name.size);
    fields[i].name.data = texts;
    texts += field->name.size;
    memcpy(texts, field->format.data, field->format.size);
    fields[i].format.data = texts;
    texts += field->format.size;
  }
  out->n_fields = in->n_fields;
  out->fields = fields;
  out->release = release_schema;
  out->private_data = fields;
  return DAYMILL_OK;
}

static daymill_code bind(void* self, const daymill_schema* in, daymill_schema* out,
                         daymill_error* error) {
  transform* this = self;
  for (size_t i = 0; i < in->n_fields; ++i) {
    const daymill_field* field = field_at(in, i);
    if (!is_equal(field->name, this->column)) {
      continue;
    }
    if (!is_equal(field->format, text_of("u"))) {
      return fail(error, DAYMILL_SCHEMA_MISMATCH,
                  "the column of \"column\" has another type, expected text");
    }
    if (field->role == DAYMILL_ROLE_KEY) {
      return fail(error, DAYMILL_SCHEMA_MISMATCH,
                  "the column of \"column\" is a key: in small letters two keys may be equal, "
                  "expected an attribute");
    }
    this->index = i;
    return copy_schema(in, out, error);
  }
  return fail(error, DAYMILL_SCHEMA_MISMATCH, "found no column of the name in \"column\"");
}

/* ---- Its lane */

/* A column with bytes of its own, and all else of the column that it was made from. */
typedef struct lowered {
  struct ArrowArray original;
  const void* buffers[3];
  char bytes[];
} lowered;

static void release_lowered(struct ArrowArray* column) {
  lowered* mine = column->private_data;
  mine->original.release(&mine->original);
  free(mine);
  column->release = NULL;
}

static daymill_code lower_column(struct ArrowArray* column, daymill_error* error) {
  const int32_t* offsets = column->buffers[1];
  const size_t size = column->length == 0 ? 0 : (size_t)offsets[column->length];
  lowered* mine = malloc(sizeof *mine + size + 1);
  if (mine == NULL) {
    return out_of_memory(error);
  }
  const char* bytes = column->buffers[2];
  for (size_t i = 0; i < size; ++i) {
    mine->bytes[i] = (char)(bytes[i] >= 'A' && bytes[i] <= 'Z' ? bytes[i] + 32 : bytes[i]);
  }
  mine->original = *column;
  mine->buffers[0] = column->buffers[0];
  mine->buffers[1] = column->buffers[1];
  mine->buffers[2] = mine->bytes;
  column->buffers = mine->buffers;
  column->private_data = mine;
  column->release = release_lowered;
  return DAYMILL_OK;
}

static daymill_code process(void* lane, struct ArrowArray* batch, const daymill_emitter* emitter,
                            daymill_error* error) {
  const size_t* index = lane;
  const daymill_code code = lower_column(batch->children[*index], error);
  if (code != DAYMILL_OK) {
    batch->release(batch);
    return code;
  }
  return emitter->emit(emitter->self, batch, error);
}

static daymill_code finish(void* lane, const daymill_emitter* emitter, daymill_error* error) {
  (void)lane;
  (void)emitter;
  (void)error;
  return DAYMILL_OK;
}

static const daymill_lane_functions lane_functions = {
    .struct_size = sizeof lane_functions, .destroy = destroy, .process = process, .finish = finish};

static daymill_code open(void* self, const daymill_partition* partition, daymill_lane* out,
                         daymill_error* error) {
  (void)partition;
  const transform* this = self;
  size_t* index = malloc(sizeof *index); /* the lane: it may outlive the transform */
  if (index == NULL) {
    return out_of_memory(error);
  }
  *index = this->index;
  *out = (daymill_lane){&lane_functions, index};
  return DAYMILL_OK;
}

/* ---- The plugin */

static const daymill_transform_functions functions = {.struct_size = sizeof functions,
                                                      .create = create,
                                                      .destroy = destroy,
                                                      .bind = bind,
                                                      .open = open};

static const daymill_component lower_case = {
    .struct_size = sizeof lower_case,
    .kind = DAYMILL_KIND_TRANSFORM,
    .id = "lower_case",
    .config_spec =
        "{\"summary\":\"Writes a text column in small letters\",\"fields\":["
        "{\"name\":\"column\",\"type\":\"text\",\"required\":true,"
        "\"description\":\"Text column, not a key\",\"example\":\"note\"}]}",
    .capabilities = DAYMILL_TRANSFORM_ROW_WISE | DAYMILL_TRANSFORM_KEEPS_ROWS,
    .logic_version = 1,
    .functions = &functions,
};

static const daymill_component* const components[] = {&lower_case};

static const daymill_plugin_info info = {
    .struct_size = sizeof info,
    .abi_major = DAYMILL_ABI_MAJOR,
    .abi_minor = DAYMILL_ABI_MINOR,
    .magic = DAYMILL_PLUGIN_MAGIC,
    .name = "lower_case",
    .version = "1.0.0",
    .build = "C11",
    .n_components = 1,
    .components = components,
};

const daymill_plugin_info* daymill_plugin_query_v1(void);
const daymill_plugin_info* daymill_plugin_query_v1(void) {
  return &info;
}
