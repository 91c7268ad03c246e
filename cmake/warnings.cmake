# Every target of Parley links parley_options: the warnings, the sanitizer and the coverage flags in one place.
add_library(parley_options INTERFACE)
target_compile_options(parley_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Woverloaded-virtual -Wextra-semi -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A designated initialiser leaves out what has its default on purpose.
  target_compile_options(parley_options INTERFACE -Wno-missing-field-initializers)
  # GCC 12 reports false positives from inlined std::string and coroutine frames (GCC bugs 105329, 105651, 107852).
  target_compile_options(parley_options INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized)
  if(PARLEY_SANITIZER OR NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    # With optimisation: a coroutine inlined into its caller shows Asio's frame allocator as aligned_alloc, but not its operator delete.
    target_compile_options(parley_options INTERFACE -Wno-mismatched-new-delete)
  endif()
  if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    target_compile_options(parley_options INTERFACE -Wno-dangling-reference) # Takes every function that returns a view for a trap.
  endif()
endif()
if(PARLEY_WARNINGS_AS_ERRORS)
  target_compile_options(parley_options INTERFACE -Werror)
endif()

if(PARLEY_SANITIZER STREQUAL "address")
  target_compile_options(parley_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(parley_options INTERFACE -fsanitize=address,undefined)
elseif(PARLEY_SANITIZER STREQUAL "thread")
  # Asio orders memory with fences, which ThreadSanitizer cannot see; GCC says so once per file.
  target_compile_options(parley_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
  target_link_options(parley_options INTERFACE -fsanitize=thread)
elseif(PARLEY_SANITIZER STREQUAL "fuzzer")
  # What a target reads is counted for libFuzzer, which the targets alone are linked with. Clang 14 cannot check the types of functions
  # in a file that has coroutines ("Cannot represent a difference across sections").
  set(fuzzer_options -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function -fno-sanitize-recover=undefined)
  target_compile_options(parley_options INTERFACE ${fuzzer_options} -fno-omit-frame-pointer)
  target_link_options(parley_options INTERFACE -fsanitize=address,undefined)
elseif(PARLEY_SANITIZER)
  message(FATAL_ERROR "PARLEY_SANITIZER is address, thread, fuzzer or empty; not '${PARLEY_SANITIZER}'")
endif()

if(PARLEY_COVERAGE)
  target_compile_options(parley_options INTERFACE --coverage)
  target_link_options(parley_options INTERFACE --coverage)
endif()
