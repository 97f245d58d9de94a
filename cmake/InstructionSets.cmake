# SPDX-License-Identifier: Apache-2.0
# One portable binary: files with hot loops are compiled once per instruction set, each time into a namespace of
# that name (the macro CHRONOGRAD_ISA), and one of them is chosen when the program starts (src/math/isa.cpp).
#
# Such files must not instantiate standard-library templates: their out-of-line copies would be merged across
# instruction sets by the linker. tests/math/isa_symbols checks the object files for that.
#
# Builds with sanitizers have one set, and those of developers (CHRONOGRAD_SETS=baseline): the others are the same
# source, and half of such a build's time.
if(NOT CHRONOGRAD_SETS MATCHES "^(all|baseline)$")
  message(FATAL_ERROR "CHRONOGRAD_SETS: got ${CHRONOGRAD_SETS}, allowed all, baseline.")
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND CHRONOGRAD_SETS STREQUAL "all" AND NOT CHRONOGRAD_SANITIZE)
  set(CHRONOGRAD_ISAS baseline avx2 avx512)
  target_compile_definitions(chronograd_settings INTERFACE CHRONOGRAD_X86_SETS)
else()
  set(CHRONOGRAD_ISAS baseline)
endif()
set(CHRONOGRAD_ISA_FLAGS_baseline "")
set(CHRONOGRAD_ISA_FLAGS_avx2 -march=x86-64-v3)
set(CHRONOGRAD_ISA_FLAGS_avx512 -march=x86-64-v4 -mprefer-vector-width=512)

foreach(isa IN LISTS CHRONOGRAD_ISAS)
  add_library(chronograd_${isa} OBJECT)
  target_link_libraries(chronograd_${isa} PRIVATE chronograd_settings)
  target_include_directories(chronograd_${isa} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(chronograd_${isa} PRIVATE CHRONOGRAD_ISA=${isa})
  # Optimised in every build type: an inline function that is not inlined would be a symbol shared across sets.
  target_compile_options(chronograd_${isa} PRIVATE ${CHRONOGRAD_ISA_FLAGS_${isa}}
    -O3 -fno-math-errno -fno-trapping-math -ffp-contract=fast)
  if(CHRONOGRAD_SANITIZE)
    # Loops of plain arithmetic, written out many times: with checks of undefined behaviour in each they take five times
    # as long to compile, half of such a build. AddressSanitizer sees them. -O1 takes a fifth less than -O3.
    target_compile_options(chronograd_${isa} PRIVATE -O1 -g0 -fno-sanitize=undefined)
  endif()
  if(NOT isa STREQUAL baseline)
    set_target_properties(chronograd_${isa} PROPERTIES CXX_CLANG_TIDY "") # the same source
  endif()
endforeach()

# chronograd_isa_sources(FILE...): adds files of the current folder to the library, once per instruction set.
function(chronograd_isa_sources)
  foreach(file IN LISTS ARGN)
    foreach(isa IN LISTS CHRONOGRAD_ISAS)
      target_sources(chronograd_${isa} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    endforeach()
  endforeach()
endfunction()
