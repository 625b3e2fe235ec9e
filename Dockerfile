# Images for docker-compose.yml. Peers, orderers and MongoDB use official images.

# Fabric's tools: since Fabric 3.0 there is no official image with them.
FROM golang:1.24-bookworm AS fabric-tools
WORKDIR /src/network
COPY network/go.mod network/go.sum ./
RUN go mod download
RUN go build -trimpath -buildvcs=false -o /opt/fabric/bin/ \
      github.com/hyperledger/fabric/cmd/configtxgen \
      github.com/hyperledger/fabric/cmd/osnadmin \
      github.com/hyperledger/fabric/cmd/peer
RUN mkdir /opt/fabric/config \
 && cp "$(go list -m -f '{{.Dir}}' github.com/hyperledger/fabric)"/sampleconfig/*.yaml /opt/fabric/config/

FROM hyperledger/fabric-ca:1.5 AS fabric-ca

FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY evidence/package.json evidence/
COPY evidence/bin evidence/bin
COPY fhirpath/package.json fhirpath/
COPY chaincode/package.json chaincode/
COPY server/package.json server/
COPY network/package.json network/
COPY demo/package.json demo/
COPY bench/package.json bench/
COPY conformance/package.json conformance/

FROM manifests AS build
RUN npm ci
COPY . .
RUN npm run build

# Makes identities and configuration, joins the channel, agrees on the chaincode, writes the demonstration's data.
FROM build AS setup
COPY --from=fabric-tools /opt/fabric /opt/fabric
COPY --from=fabric-ca /usr/local/bin/fabric-ca-server /usr/local/bin/fabric-ca-client /opt/fabric/bin/
# Volumes take their owner from these folders.
RUN mkdir -p /demo /network/public \
      /network/hospital /network/pharmacy /network/insurer /network/auditor \
 && chown -R node:node /demo /network
USER node

FROM manifests AS chaincode
ENV NODE_ENV=production
RUN npm ci --omit=dev --ignore-scripts --workspace evidence --workspace chaincode
COPY --from=build /app/evidence/dist evidence/dist
COPY --from=build /app/chaincode/dist chaincode/dist
COPY network/docker/chaincode.sh network/docker/
USER node
ENTRYPOINT ["network/docker/chaincode.sh"]

FROM manifests AS server
RUN npm ci --omit=dev --ignore-scripts \
      --workspace evidence --workspace fhirpath --workspace chaincode --workspace server
COPY --from=build /app/evidence/dist evidence/dist
COPY --from=build /app/fhirpath/dist fhirpath/dist
COPY --from=build /app/chaincode/dist chaincode/dist
COPY --from=build /app/server/dist server/dist
COPY --from=build /app/server/definitions server/definitions
COPY fhir-profiles/package fhir-profiles/package
RUN mkdir /keys && chown node:node /keys
USER node
EXPOSE 8080
ENV MALLOC_ARENA_MAX=2 CHARTSEAL_PACKAGES=fhir-profiles/package
CMD ["node", "--max-semi-space-size=16", "server/dist/server.js"]
