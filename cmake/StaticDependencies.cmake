# SPDX-License-Identifier: Apache-2.0
# Whoever links a static library must also link what it links. That list is read off the target itself: a folder that
# links something new needs no second mention here, only a known name (below). Sets CHRONOGRAD_DEPENDENCIES, which
# find_package(chronograd) runs.

# What only the compiler of this project sees: header-only libraries, used in .cpp files alone.
set(header_only "Eigen3::|nlohmann_json::|CLI11::|Random123|rapidcheck")

get_target_property(links chronograd_library INTERFACE_LINK_LIBRARIES)
set(exported "")
foreach(link IN LISTS links)
  if(link MATCHES "${header_only}")
    continue()
  endif()
  list(APPEND exported ${link})
  if(NOT link MATCHES "^(\\$<LINK_ONLY:)?([A-Za-z0-9_+-]+)::([A-Za-z0-9_+-]+)>?$")
    continue() # a path, a flag, a build-only expression or a scope mark: needs no package
  endif()
  set(package ${CMAKE_MATCH_2})
  set(name ${CMAKE_MATCH_3})
  if(package STREQUAL "PkgConfig")
    list(APPEND CHRONOGRAD_DEPENDENCIES
      "find_dependency(PkgConfig)"
      "pkg_check_modules(${name} REQUIRED QUIET IMPORTED_TARGET ${${name}_MODULE_NAME})")
  else()
    if(package STREQUAL "DNNL")
      set(package dnnl)
    endif()
    list(APPEND CHRONOGRAD_DEPENDENCIES "find_dependency(${package})")
  endif()
endforeach()
list(REMOVE_DUPLICATES CHRONOGRAD_DEPENDENCIES)
list(JOIN CHRONOGRAD_DEPENDENCIES "\n" CHRONOGRAD_DEPENDENCIES)
set_target_properties(chronograd_library PROPERTIES INTERFACE_LINK_LIBRARIES "${exported}")
