# SPDX-License-Identifier: Apache-2.0
# chronograd_settings: what every target of this project is compiled with; never exported.
add_library(chronograd_settings INTERFACE)
target_compile_options(chronograd_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  # g++ 12 sees overlaps in `"text" + string` that are not there (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${CHRONOGRAD_WERROR}>:-Werror>)
if(CHRONOGRAD_SANITIZE)
  target_compile_options(chronograd_settings INTERFACE
    -fsanitize=${CHRONOGRAD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # Checks within loops keep clang from turning them into vectors; it says so as a warning.
    $<$<CXX_COMPILER_ID:Clang>:-Wno-pass-failed>)
  target_link_options(chronograd_settings INTERFACE -fsanitize=${CHRONOGRAD_SANITIZE})
endif()
if(CHRONOGRAD_COVERAGE)
  # Threads count together: a count that two of them wrote at once can be negative, and the report stops there.
  target_compile_options(chronograd_settings INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(chronograd_settings INTERFACE --coverage)
endif()
