/* Part of every program of an address sanitized build that loads plugins, so that it holds however
 * the program is started. g++ 12's leak check guesses where a loaded plugin's thread-local
 * variables lie, by reading what is in front of them, and dies of a wrong guess ("Tracer caught
 * signal 11"). */
const char* __asan_default_options(void);
const char* __asan_default_options(void) {
  return "intercept_tls_get_addr=0";
}
