# SPDX-License-Identifier: Apache-2.0
# chronograd_library: the objects of `chronograd` as others get them. What they link, they link themselves, so that
# whoever links the shared library needs none of it (docs/decisions/33-one-shared-library.md).
target_sources(chronograd_library PRIVATE $<TARGET_OBJECTS:chronograd>)
set_target_properties(chronograd_library PROPERTIES OUTPUT_NAME chronograd EXPORT_NAME chronograd
  LINKER_LANGUAGE CXX VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})

get_target_property(links chronograd LINK_LIBRARIES)
list(FILTER links EXCLUDE REGEX "^::@") # marks of the folder that named a library
foreach(link IN LISTS links)
  if(TARGET ${link})
    get_target_property(type ${link} TYPE)
    if(type STREQUAL "SHARED_LIBRARY")
      # By its file: by its name it would become something that find_package(chronograd) has to find.
      set(link $<TARGET_LINKER_FILE:${link}>)
    endif()
  endif()
  target_link_libraries(chronograd_library PRIVATE ${link})
endforeach()

# Objects hide all but what is marked with CHRONOGRAD_API; the map hides what the standard library's headers and the
# libraries that are linked into this one mark as visible. Calls within the library are bound when it is linked.
set(map ${PROJECT_SOURCE_DIR}/cmake/exported.map)
target_link_options(chronograd_library PRIVATE -Wl,--version-script=${map} -Wl,-Bsymbolic-functions)
if(NOT CHRONOGRAD_SANITIZE) # what instrumented code calls is in the program
  target_link_options(chronograd_library PRIVATE -Wl,-z,defs)
endif()
set_property(TARGET chronograd_library PROPERTY LINK_DEPENDS ${map})
