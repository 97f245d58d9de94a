# SPDX-License-Identifier: Apache-2.0
# CHRONOGRAD_TOGETHER: files of a folder are compiled some at a time, as one file that includes them. Half of what a small
# file takes to compile is the headers that it reads, so a first build takes much less time; after a change, all files of
# the batch are compiled again. (CMake's UNITY_BUILD leaves out files with options of their own: all of ColdFolders.cmake.)
option(CHRONOGRAD_TOGETHER "Compile files of a folder together: a first build is faster, the next ones are slower" OFF)
if(NOT CHRONOGRAD_TOGETHER OR CHRONOGRAD_FUZZ) # fuzzers take some files of a folder
  return()
endif()

set(most 6) # files in a batch: a batch is to take a few seconds, so that two cores end at the same time
set(together config cost figures runs studies report datasets checking formats training files base network streaming
  learning)
list(TRANSFORM together PREPEND ${PROJECT_SOURCE_DIR}/src/)
list(APPEND together ${PROJECT_SOURCE_DIR}/apps/chronograd ${PROJECT_BINARY_DIR}/catalogue)
# Files that have a name of their own in common with others of their folder, or need compiling in a way of their own.
set(alone
  apps/chronograd/verb_check apps/chronograd/verb_reproduce apps/chronograd/verb_data
  base/formula_parse base/formula_tex
  checking/[a-z_]+_rule
  config/record config/toml config/versions
  files/symbols
  formats/csv formats/file_rows formats/idx formats/log_mel formats/npy formats/npz formats/table_task formats/text
  report/spectrum
  streaming/state_file
  runs/run_files
  studies/ledger studies/sweep studies/sweep_text)
list(JOIN alone "|" alone)

foreach(target IN ITEMS chronograd_core_objects chronograd)
  if(NOT TARGET ${target})
    continue()
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(folder IN LISTS together)
    set(files ${sources})
    list(FILTER files INCLUDE REGEX "^${folder}/[a-z_0-9]+[.]cpp$")
    list(FILTER files EXCLUDE REGEX "/(${alone})[.]cpp$")
    cmake_path(GET folder FILENAME name)
    set(batch 0)
    while(files)
      list(SUBLIST files 0 ${most} some)
      list(REMOVE_ITEM files ${some})
      list(REMOVE_ITEM sources ${some})
      set(path ${PROJECT_BINARY_DIR}/together/${target}_${name}_${batch}.cpp)
      list(TRANSFORM some REPLACE "(.+)" "#include \"\\1\"\n" OUTPUT_VARIABLE includes)
      list(JOIN includes "" text)
      file(CONFIGURE OUTPUT ${path} CONTENT "${text}" @ONLY)
      list(APPEND sources ${path})
      list(GET some 0 first) # all of a folder are compiled alike
      get_property(options SOURCE ${first} TARGET_DIRECTORY ${target} PROPERTY COMPILE_OPTIONS)
      set_property(SOURCE ${path} TARGET_DIRECTORY ${target} PROPERTY COMPILE_OPTIONS ${options}
                   -Wno-shadow) # a local name may be another file's; by itself each file is compiled with the warning
      set_property(SOURCE ${path} TARGET_DIRECTORY ${target} PROPERTY INCLUDE_DIRECTORIES ${folder})
      math(EXPR batch "${batch} + 1")
    endwhile()
  endforeach()
  set_property(TARGET ${target} PROPERTY SOURCES ${sources})
endforeach()
