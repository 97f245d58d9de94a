# SPDX-License-Identifier: Apache-2.0
# Installs the library, its headers, the program and the package that find_package(chronograd) reads.
#
# The library is static by default, so whoever links it must also link what it links. That list is read off the
# target itself: a folder that links something new needs no second mention here, only a known name (below).
include(CMakePackageConfigHelpers)

# What only the compiler of this project sees: header-only libraries, used in .cpp files alone.
set(header_only "Eigen3::|nlohmann_json::|CLI11::|Random123|rapidcheck")

get_target_property(links chronograd INTERFACE_LINK_LIBRARIES)
set(exported "")
set(CHRONOGRAD_DEPENDENCIES "")
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
set_target_properties(chronograd PROPERTIES INTERFACE_LINK_LIBRARIES "${exported}")

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/chronograd)
install(TARGETS chronograd EXPORT chronogradTargets)
install(EXPORT chronogradTargets NAMESPACE chronograd:: DESTINATION ${package_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/chronograd DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
if(TARGET chronograd_cli)
  install(TARGETS chronograd_cli)
endif()
if(EXISTS ${PROJECT_SOURCE_DIR}/LICENSE)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/chronogradConfig.cmake.in
  ${PROJECT_BINARY_DIR}/chronogradConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/chronogradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/chronogradConfig.cmake ${PROJECT_BINARY_DIR}/chronogradConfigVersion.cmake
  DESTINATION ${package_dir})
