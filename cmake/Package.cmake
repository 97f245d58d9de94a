# SPDX-License-Identifier: Apache-2.0
# Installs the library, its headers, the program and the package that find_package(chronograd) reads.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/chronograd)
install(TARGETS chronograd_core EXPORT chronogradTargets)
if(TARGET chronograd_library)
  install(TARGETS chronograd_library EXPORT chronogradTargets)
endif()
install(EXPORT chronogradTargets NAMESPACE chronograd:: DESTINATION ${package_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/chronograd DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
if(TARGET chronograd_mpi)
  install(TARGETS chronograd_mpi LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}) # beside the library, which looks there
endif()
if(TARGET chronograd_cli)
  install(TARGETS chronograd_cli)
endif()
if(EXISTS ${PROJECT_SOURCE_DIR}/LICENSE)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
if(TARGET chronograd_cli)
  # What the documents' commands read; the studies among them are within the program.
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/experiments ${PROJECT_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR}
          PATTERN studies EXCLUDE)
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/chronogradConfig.cmake.in
  ${PROJECT_BINARY_DIR}/chronogradConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/chronogradConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/chronogradConfig.cmake ${PROJECT_BINARY_DIR}/chronogradConfigVersion.cmake
  DESTINATION ${package_dir})

# A Debian package of all of it: configure with CMAKE_INSTALL_PREFIX=/usr, build the target `package`.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "the chronograd authors")
set(CPACK_PACKAGE_CONTACT "the chronograd authors <${PROJECT_HOMEPAGE_URL}>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON) # the libraries that the files link
if(TARGET chronograd_python)
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "python3 (>= ${CHRONOGRAD_PYTHON_VERSION}), python3-numpy")
endif()
include(CPack)
